-- A human's decision that deployments may land again. A target of a train that a rollback took off it is led back
-- by a realignment; to clear it as it is has to be accepted, and stays visible.
CREATE FUNCTION yesterday.clear_freeze(reason text, accept_unaligned boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    current record;
    is_accepted boolean;
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
    IF current.state = 'off_train' AND yesterday._alignment() <> 'aligned' AND NOT coalesce(accept_unaligned, false) THEN
        RAISE EXCEPTION 'this target is not aligned with its peers'
            USING ERRCODE = 'YD024',
                  DETAIL = format('Off the train since %s, by %s: %s No realignment has led it back.', current.since, current.set_by,
                                  rtrim(current.reason, '.') || '.'),
                  HINT = format('Realign it: yesterday train plan %1$s. Or accept it as it is, which stays visible: yesterday train clear %1$s --accept-unaligned --reason "..."; in SQL SELECT yesterday.clear_freeze(''why'', accept_unaligned => true);', yesterday._target_word());
    END IF;
    -- an acceptance that was not needed here was needed in the registry: the realignment left a difference to the peers
    is_accepted := yesterday._alignment() IS NOT NULL AND (yesterday._alignment() <> 'aligned' OR coalesce(accept_unaligned, false));
    PERFORM yesterday._set_state('on_train', reason, current.rollback,
                                 current.state = 'off_train' AND is_accepted);
    PERFORM yesterday._log('clear_freeze', NULL, reason, jsonb_build_object('was', current.state, 'since', current.since)
        || CASE WHEN current.state = 'off_train' AND is_accepted THEN '{"accept_unaligned": true}' ELSE '{}' END::jsonb);
    PERFORM pg_notify('yesterday', 'clear');
END
$function$;
COMMENT ON FUNCTION yesterday.clear_freeze(text, boolean) IS 'puts the target back on the train; who, when and why are kept for ever';
REVOKE ALL ON FUNCTION yesterday.clear_freeze(text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.clear_freeze(text, boolean) TO yesterday_admin;

