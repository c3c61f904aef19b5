-- What leads a frozen target back, for messages: a human clears it; one that diverged from its peers is realigned first.
CREATE FUNCTION yesterday._way_back()
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN s.state = 'off_train' AND yesterday._alignment() <> 'aligned'
                THEN format('yesterday train plan %s', CASE WHEN t.target ~ '^[[:alnum:]_.-]+$' THEN t.target
                                                            ELSE '''' || replace(t.target, '''', '''\''''') || '''' END)
                ELSE 'SELECT yesterday.clear_freeze(''why'');' END
    FROM yesterday._state() s CROSS JOIN yesterday._setting() t;
$function$;
COMMENT ON FUNCTION yesterday._way_back() IS 'the command that leads a frozen target back';
REVOKE ALL ON FUNCTION yesterday._way_back() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._way_back() TO yesterday_viewer;

