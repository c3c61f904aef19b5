-- No deployment while it is unknown which code runs: the prior artifacts of a deployment are
-- those that were confirmed last.
CREATE FUNCTION yesterday._require_code_confirmed(what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    code record;
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday.code_generation) THEN
        RETURN;
    END IF;
    SELECT * INTO code FROM yesterday._code_state();
    IF code.state NOT IN ('none', 'confirmed') THEN
        RAISE EXCEPTION '%: the code of this target is pending', what
            USING ERRCODE = 'YD021',
                  DETAIL = format('Generation %s of the code was set by %s at %s and is not confirmed: %s.', code.generation,
                                  CASE WHEN code.deployment IS NULL THEN code.cause
                                       WHEN code.cause = 'rollback' THEN format('the rollback of deployment %s', code.deployment)
                                       ELSE format('deployment %s', code.deployment) END,
                                  code.since, code.detail),
                  HINT = yesterday._end_code_pending(code.generation);
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._require_code_confirmed(text) IS 'raises while code is pending';
REVOKE ALL ON FUNCTION yesterday._require_code_confirmed(text) FROM PUBLIC;

