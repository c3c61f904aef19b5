-- The manifest is compared with the shadow tables, so buffered records go there first.
CREATE FUNCTION yesterday._check_manifest_flushed(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM yesterday._capture_flush();
    IF (SELECT d.manifest FROM yesterday.deployment d WHERE d.id = deployment) IS NOT NULL THEN
        RETURN QUERY SELECT * FROM yesterday._check_manifest(deployment);
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._check_manifest_flushed(bigint) IS 'flushes the capture, then checks the manifest';
REVOKE ALL ON FUNCTION yesterday._check_manifest_flushed(bigint) FROM PUBLIC;

