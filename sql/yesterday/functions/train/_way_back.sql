-- The name of this target as a word of a shell, for commands that can be pasted; null on no train.
CREATE FUNCTION yesterday._target_word()
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN t.target ~ '^[[:alnum:]_.-]+$' THEN t.target
                ELSE '''' || replace(t.target, '''', '''\''''') || '''' END
    FROM yesterday._setting() t;
$function$;
COMMENT ON FUNCTION yesterday._target_word() IS 'the name of this target as a word of a shell';
REVOKE ALL ON FUNCTION yesterday._target_word() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._target_word() TO yesterday_viewer;

-- What leads a frozen target back, for messages: a human clears it; one that diverged from its peers is realigned first.
CREATE FUNCTION yesterday._way_back()
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN s.state = 'off_train' AND yesterday._alignment() <> 'aligned'
                THEN format('yesterday train plan %s', yesterday._target_word())
                ELSE 'SELECT yesterday.clear_freeze(''why'');' END
    FROM yesterday._state() s;
$function$;
COMMENT ON FUNCTION yesterday._way_back() IS 'the command that leads a frozen target back';
REVOKE ALL ON FUNCTION yesterday._way_back() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._way_back() TO yesterday_viewer;

