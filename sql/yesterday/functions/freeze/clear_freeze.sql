-- A human's decision that deployments may land again.
CREATE FUNCTION yesterday.clear_freeze(reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    current record;
BEGIN
    PERFORM yesterday._require_reason(reason, 'clear_freeze');
    PERFORM yesterday._lock_target('clear_freeze()');
    SELECT * INTO current FROM yesterday._state();
    IF current.state = 'on_train' THEN
        RAISE EXCEPTION 'this target is on the train'
            USING ERRCODE = 'YD022',
                  DETAIL = 'There is no freeze to clear.',
                  HINT = 'Nothing to do: deployments may land.';
    END IF;
    PERFORM yesterday._set_state('on_train', reason, current.rollback);
    PERFORM yesterday._log('clear_freeze', NULL, reason, jsonb_build_object('was', current.state, 'since', current.since));
    PERFORM pg_notify('yesterday', 'clear');
END
$function$;
COMMENT ON FUNCTION yesterday.clear_freeze(text) IS 'puts the target back on the train; who, when and why are kept for ever';
REVOKE ALL ON FUNCTION yesterday.clear_freeze(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.clear_freeze(text) TO yesterday_admin;

