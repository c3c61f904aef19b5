-- A human's word that the desired code runs, for code that was switched by hand.
CREATE FUNCTION yesterday.confirm_artifacts(generation bigint, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    held record;
    code record;
BEGIN
    PERFORM yesterday._require_reason(reason, 'confirm_artifacts');
    SELECT * INTO code FROM yesterday._code_state();
    IF generation IS NULL OR code.generation IS DISTINCT FROM generation THEN
        RAISE EXCEPTION 'generation % of the code is not the newest', coalesce(generation::text, 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = CASE WHEN code.generation IS NULL THEN 'This target has no artifacts.'
                                ELSE format('The newest is %s, %s since %s: something else should run by now.', code.generation, code.state, code.since) END,
                  HINT = 'SELECT * FROM yesterday.artifacts; says what should run.';
    END IF;
    SELECT l.holder, l.taken_at INTO held FROM yesterday.switch_lease l WHERE l.expires_at > clock_timestamp();
    IF FOUND THEN
        RAISE EXCEPTION 'somebody else is switching the code of this target'
            USING ERRCODE = 'YD027',
                  DETAIL = format('Held by %s since %s.', yesterday._shown_holder(held.holder), held.taken_at),
                  HINT = 'Wait until it has ended; it confirms by itself what it has switched.';
    END IF;
    IF NOT yesterday._confirm_generation(generation, format('by hand: %s', btrim(reason))) THEN
        RAISE EXCEPTION 'generation % of the code is not the newest', generation
            USING ERRCODE = 'YD022',
                  DETAIL = 'Another one came just now: something else should run.',
                  HINT = 'SELECT * FROM yesterday.artifacts; says what should run.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday.confirm_artifacts(bigint, text) IS 'confirms by hand that the desired code runs';
REVOKE ALL ON FUNCTION yesterday.confirm_artifacts(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.confirm_artifacts(bigint, text) TO yesterday_deployer, yesterday_operator;

