-- Finishes a deployment. Deferred constraints fire here, as the caller and under the
-- caller's search_path: they are user code, and must never run as the extension's owner.
CREATE FUNCTION yesterday.finish_deployment(deployment bigint DEFAULT NULL)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql
AS $function$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN QUERY SELECT * FROM yesterday._finish(deployment);
END
$function$;
COMMENT ON FUNCTION yesterday.finish_deployment(bigint) IS
    'checks the manifest, proves the rollback, stores the inverse bundle; returns a report';
REVOKE ALL ON FUNCTION yesterday.finish_deployment(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.finish_deployment(bigint) TO yesterday_deployer;

