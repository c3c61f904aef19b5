-- The artifacts that should be running: those of the newest deployment that counts and has any.
CREATE FUNCTION yesterday._desired_artifacts()
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT d.artifacts FROM yesterday.deployment d
    WHERE d.status = 'finished' AND d.artifacts IS NOT NULL
    ORDER BY d.id DESC LIMIT 1;
$function$;
COMMENT ON FUNCTION yesterday._desired_artifacts() IS 'artifacts of the newest deployment that counts';
REVOKE ALL ON FUNCTION yesterday._desired_artifacts() FROM PUBLIC;

