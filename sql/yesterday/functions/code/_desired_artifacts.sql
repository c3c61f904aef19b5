-- The artifacts that should run, by name; none is an empty object.
CREATE FUNCTION yesterday._desired_artifacts()
RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce((SELECT g.artifacts FROM yesterday.code_generation g ORDER BY g.generation DESC LIMIT 1), '{}');
$function$;
COMMENT ON FUNCTION yesterday._desired_artifacts() IS 'artifacts that should run, by name';
REVOKE ALL ON FUNCTION yesterday._desired_artifacts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._desired_artifacts() TO yesterday_viewer;

