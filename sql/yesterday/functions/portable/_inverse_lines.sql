-- The inverse bundle of a deployment as lines of JSON: prior images and inserted keys table by table, inverse DDL,
-- artifacts. Nothing in it is of this database alone but the values themselves: equal lines are an equal bundle.
CREATE FUNCTION yesterday._inverse_lines(deployment bigint)
RETURNS TABLE (line text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT x.line FROM (
        SELECT 1 AS part, 0::bigint AS step, c.schema_name, c.table_name,
               jsonb_build_object('table', format('%I.%I', c.schema_name, c.table_name), 'op', r.op, 'key', r.key, 'row', r.image)::text AS line
        FROM yesterday.captured_table c CROSS JOIN LATERAL yesterday._records(c.id) r
        WHERE c.deployment = $1 AND r.op <> 'F'
        UNION ALL
        SELECT 2, row_number() OVER (ORDER BY s.phase <> 'structure', s.ordinal), NULL, NULL,
               jsonb_build_object('phase', s.phase, 'owner', s.owner, 'subject', s.subject,
                   -- copies in yesterday_shadow are numbered in each database by itself
                   'command', regexp_replace(s.command, '\m([ds])\d+_(\w*?)\d+\M', '\1_\2', 'g'),
                   'fallback', regexp_replace(s.fallback, '\m([ds])\d+_(\w*?)\d+\M', '\1_\2', 'g'))::text
        FROM yesterday.inverse_step s WHERE s.deployment = $1 AND s.rollback IS NULL
        UNION ALL
        SELECT 3, 0, NULL, NULL, jsonb_build_object('artifacts', d.prior_artifacts)::text
        FROM yesterday.deployment d WHERE d.id = $1 AND coalesce(d.prior_artifacts, '{}') <> '{}') x
    ORDER BY x.part, x.step, x.schema_name COLLATE "C", x.table_name COLLATE "C", x.line COLLATE "C";
$function$;
COMMENT ON FUNCTION yesterday._inverse_lines(bigint) IS 'the inverse bundle of a deployment as lines of JSON';
REVOKE ALL ON FUNCTION yesterday._inverse_lines(bigint) FROM PUBLIC;

