-- The first line of a rollback's report.
CREATE FUNCTION yesterday._rollback_headline(deployment bigint, outcome text, lines jsonb, detail text)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT jsonb_build_object(
        'subject', format('deployment %s "%s"', d.id, d.name),
        'outcome', outcome,
        'rows', (SELECT coalesce(sum((l->>'rows')::bigint), 0) FROM jsonb_array_elements(lines) l
                 WHERE l->>'outcome' IN ('restored', 'removed')),
        'detail', detail || yesterday._exceptions(lines))
    FROM yesterday.deployment d WHERE d.id = deployment;
$function$;
COMMENT ON FUNCTION yesterday._rollback_headline(bigint, text, jsonb, text) IS 'first line of a rollback''s report';
REVOKE ALL ON FUNCTION yesterday._rollback_headline(bigint, text, jsonb, text) FROM PUBLIC;

