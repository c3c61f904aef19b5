-- Takes over what runs already: before the first release, so that its rollback knows where to go
-- back to, and after somebody switched code past Yesterday. Other artifacts stay as they are.
CREATE FUNCTION yesterday.adopt_artifacts(artifacts jsonb, reason text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    normal jsonb := yesterday._normal_artifacts(artifacts);
    adopted bigint;
BEGIN
    PERFORM yesterday._require_reason(reason, 'adopt_artifacts');
    PERFORM yesterday._require_read_committed('adopt_artifacts()');
    PERFORM yesterday._lock_target('adopt_artifacts()');
    PERFORM yesterday._require_code_confirmed('adopt_artifacts()');
    PERFORM yesterday._set_desired(yesterday._desired_artifacts() || coalesce(normal, '{}'), 'adopted', NULL, NULL, btrim(reason));
    SELECT max(g.generation) INTO adopted FROM yesterday.code_generation g;
    PERFORM yesterday._confirm_generation(adopted, format('adopted: %s', btrim(reason)));
    RETURN adopted;
END
$function$;
COMMENT ON FUNCTION yesterday.adopt_artifacts(jsonb, text) IS 'takes over what runs already; returns the generation';
REVOKE ALL ON FUNCTION yesterday.adopt_artifacts(jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.adopt_artifacts(jsonb, text) TO yesterday_deployer;

