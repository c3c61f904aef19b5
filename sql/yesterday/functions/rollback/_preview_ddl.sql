-- The inverse DDL as the proof left it, for the preview: a line an object, readable.
CREATE FUNCTION yesterday._preview_ddl(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT s.subject, 'would be ' || s.outcome, NULL::bigint, yesterday._shown_command(s.kind, s.command)
    FROM yesterday.inverse_step s
    WHERE s.deployment = $1 AND s.rollback IS NULL
    ORDER BY s.ordinal;
$function$;
COMMENT ON FUNCTION yesterday._preview_ddl(bigint) IS 'the inverse DDL of a deployment as lines of the preview';
REVOKE ALL ON FUNCTION yesterday._preview_ddl(bigint) FROM PUBLIC;

