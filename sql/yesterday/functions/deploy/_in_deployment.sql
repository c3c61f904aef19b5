-- The deployment that the current transaction belongs to, or NULL.
CREATE FUNCTION yesterday._in_deployment()
RETURNS bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT yesterday._current_deployment();
$function$;
COMMENT ON FUNCTION yesterday._in_deployment() IS 'the deployment that the current transaction belongs to, or NULL';
REVOKE ALL ON FUNCTION yesterday._in_deployment() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._in_deployment() TO yesterday_viewer;

