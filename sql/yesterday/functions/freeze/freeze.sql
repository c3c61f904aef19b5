-- Freezes the target by hand: no deployment lands.
CREATE FUNCTION yesterday.freeze(reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    current record;
BEGIN
    PERFORM yesterday._require_reason(reason, 'freeze');
    PERFORM yesterday._require_dedicated('freeze()');
    PERFORM yesterday._lock_target('freeze()');
    SELECT * INTO current FROM yesterday._state();
    IF current.state <> 'on_train' THEN
        RAISE EXCEPTION 'this target is % already',
            CASE current.state WHEN 'off_train' THEN 'off the train' ELSE 'frozen' END
            USING ERRCODE = 'YD001',
                  DETAIL = format('Since %s, by %s: %s', current.since, current.set_by, current.reason),
                  HINT = 'Nothing to do: no deployment lands.';
    END IF;
    PERFORM yesterday._set_state('frozen', reason, NULL);
    PERFORM yesterday._log('freeze', NULL, reason, NULL);
    PERFORM pg_notify('yesterday', 'freeze');
END
$function$;
COMMENT ON FUNCTION yesterday.freeze(text) IS 'freezes the target by hand: no deployment lands until clear_freeze()';
REVOKE ALL ON FUNCTION yesterday.freeze(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.freeze(text) TO yesterday_operator;

