-- The last deployment that counts: rollbacks go newest first.
CREATE FUNCTION yesterday._last_deployment()
RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT max(d.id) FROM yesterday.deployment d WHERE d.status IN ('open', 'finished');
$function$;
COMMENT ON FUNCTION yesterday._last_deployment() IS 'id of the last deployment that counts, or NULL';
REVOKE ALL ON FUNCTION yesterday._last_deployment() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._last_deployment() TO yesterday_viewer;

