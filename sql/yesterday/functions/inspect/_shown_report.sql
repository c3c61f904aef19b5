-- The report of finish_deployment() as the caller may see it. A table that somebody made since
-- under the name of another one gives no right to what the report says of that other one.
CREATE FUNCTION yesterday._shown_report(deployment bigint)
RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
SET jit = off       -- it looks dearer than it is, once for every report that is shown
AS $function$
    SELECT jsonb_agg(
        l || jsonb_build_object('detail', CASE
            WHEN NOT yesterday._names_rows(l) OR pg_has_role(yesterday._caller(), 'yesterday_admin', 'USAGE') THEN s.detail
            WHEN EXISTS (SELECT FROM yesterday.captured_table t
                         JOIN pg_class c ON c.oid = to_regclass(l->>'subject') AND pg_get_userbyid(c.relowner) = t.owner
                         WHERE t.deployment = d.id AND format('%I.%I', t.schema_name, t.table_name) = l->>'subject') THEN s.detail
            ELSE yesterday._hidden_detail() END)
        ORDER BY n)
    FROM yesterday.deployment d
    CROSS JOIN jsonb_array_elements(d.report) WITH ORDINALITY AS e(l, n)
    CROSS JOIN LATERAL yesterday._report_rows(jsonb_build_array(l)) s
    WHERE d.id = $1;
$function$;
COMMENT ON FUNCTION yesterday._shown_report(bigint) IS 'the report of a deployment as the caller may see it';
REVOKE ALL ON FUNCTION yesterday._shown_report(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._shown_report(bigint) TO yesterday_viewer;
