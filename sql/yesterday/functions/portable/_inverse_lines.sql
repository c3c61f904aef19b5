-- The inverse of a deployment as one text, of record: the lines of its bundle as COPY writes path and content, with a
-- backslash before backslashes and for line ends. Nothing in it is of this database alone but the values themselves:
-- equal lines are an equal bundle.
CREATE FUNCTION yesterday._inverse_lines(deployment bigint)
RETURNS TABLE (line text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT f.path || E'\t' || replace(replace(replace(replace(f.content, E'\\', E'\\\\'), E'\t', E'\\t'), E'\n', E'\\n'), E'\r', E'\\r')
    FROM yesterday._inverse_files($1, '{}', true) f;
$function$;
COMMENT ON FUNCTION yesterday._inverse_lines(bigint) IS 'the inverse of a deployment as one text, line by line';
REVOKE ALL ON FUNCTION yesterday._inverse_lines(bigint) FROM PUBLIC;
