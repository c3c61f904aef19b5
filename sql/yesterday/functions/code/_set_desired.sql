-- Enters new desired artifacts, if they are new. The caller holds the lock of the target, so
-- that generations are counted without gaps.
CREATE FUNCTION yesterday._set_desired(artifacts jsonb, cause text, deployment bigint, rollback bigint, reason text)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.code_generation
        (generation, artifacts, cause, deployment, rollback, reason, set_role, client_addr, application_name)
    SELECT coalesce((SELECT max(g.generation) FROM yesterday.code_generation g), 0) + 1,
           artifacts, cause, deployment, rollback, reason, yesterday._caller(), inet_client_addr(),
           current_setting('application_name')
    WHERE artifacts IS DISTINCT FROM yesterday._desired_artifacts();
$function$;
COMMENT ON FUNCTION yesterday._set_desired(jsonb, text, bigint, bigint, text) IS 'enters new desired artifacts';
REVOKE ALL ON FUNCTION yesterday._set_desired(jsonb, text, bigint, bigint, text) FROM PUBLIC;

