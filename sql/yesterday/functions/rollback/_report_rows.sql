-- A report, from its stored form.
CREATE FUNCTION yesterday._report_rows(lines jsonb)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT l->>'subject', l->>'outcome', (l->>'rows')::bigint, l->>'detail'
    FROM jsonb_array_elements(lines) WITH ORDINALITY AS e(l, n) ORDER BY n;
$function$;
COMMENT ON FUNCTION yesterday._report_rows(jsonb) IS 'rows of a stored report';
REVOKE ALL ON FUNCTION yesterday._report_rows(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._report_rows(jsonb) TO yesterday_viewer;

