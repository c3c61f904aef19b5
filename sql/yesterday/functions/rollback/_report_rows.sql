-- A report, from its stored form, as the caller may see it: counts are for everybody, a detail
-- that names rows of a table only for who may read all of its rows, or yesterday_admin.
CREATE FUNCTION yesterday._report_rows(lines jsonb)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT l->>'subject', l->>'outcome', (l->>'rows')::bigint,
           CASE WHEN NOT yesterday._names_rows(l) THEN l->>'detail'
                WHEN yesterday._may_read_rows(yesterday._caller(), to_regclass(l->>'subject')::oid) THEN l->>'detail'
                ELSE yesterday._hidden_detail() END
    FROM jsonb_array_elements(lines) WITH ORDINALITY AS e(l, n) ORDER BY n;
$function$;
COMMENT ON FUNCTION yesterday._report_rows(jsonb) IS 'rows of a stored report, as the caller may see them';
REVOKE ALL ON FUNCTION yesterday._report_rows(jsonb) FROM PUBLIC;
