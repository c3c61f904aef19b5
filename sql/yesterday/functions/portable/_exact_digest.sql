-- SHA-256 of the inverse document, line by line.
CREATE FUNCTION yesterday._exact_digest(deployment bigint)
RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT encode(sha256(convert_to(coalesce(string_agg(l.line || E'\n', ''), ''), 'UTF8')), 'hex')
    FROM yesterday._inverse_lines(deployment) l;
$function$;
COMMENT ON FUNCTION yesterday._exact_digest(bigint) IS 'SHA-256 of the inverse document of a deployment';
REVOKE ALL ON FUNCTION yesterday._exact_digest(bigint) FROM PUBLIC;

