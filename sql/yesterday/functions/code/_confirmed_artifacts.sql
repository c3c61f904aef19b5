-- The artifacts that ran when somebody last confirmed it, by name.
CREATE FUNCTION yesterday._confirmed_artifacts()
RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce((SELECT g.artifacts FROM yesterday.code_generation g
                     WHERE g.confirmed_at IS NOT NULL ORDER BY g.generation DESC LIMIT 1), '{}');
$function$;
COMMENT ON FUNCTION yesterday._confirmed_artifacts() IS 'artifacts that were last confirmed to run, by name';
REVOKE ALL ON FUNCTION yesterday._confirmed_artifacts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._confirmed_artifacts() TO yesterday_viewer;

