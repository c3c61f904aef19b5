-- What a deployment displaced, in digests that aligned targets share. Called while its rollback is rehearsed: then
-- what its prior images refer to is as it was, too.
CREATE FUNCTION yesterday._displaced(deployment bigint)
RETURNS jsonb
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM (
        SELECT 'rows' AS kind, e.layer, n.nspname AS schema_name, r.relname AS table_name, format('%I.%I', c.schema_name, c.table_name) AS subject,
               p.rows, p.digest,
               CASE WHEN p.digest IS NULL THEN 'the table is not there' END AS detail
        FROM yesterday.captured_table c
        LEFT JOIN pg_class t ON t.oid = to_regclass(format('%I.%I', c.schema_name, c.table_name))
        -- partitions are told by the table that they belong to
        LEFT JOIN pg_class r ON r.oid = coalesce(pg_partition_root(t.oid::regclass)::oid, t.oid)
        LEFT JOIN pg_namespace n ON n.oid = r.relnamespace
        LEFT JOIN LATERAL yesterday._tracked_entry(t.oid) e ON true
        LEFT JOIN LATERAL yesterday._portable_records(c.id, r.oid) p ON true
        WHERE c.deployment = $1 AND NOT c.business
        UNION ALL
        SELECT 'structure', e.layer, coalesce(t.schema_name, o.schema_name), t.object_name, format('%s %s', o.kind, o.identity), NULL,
               yesterday._structure_digest(jsonb_build_array(jsonb_build_array(o.kind, o.identity, o.definition))), NULL
        FROM yesterday._image_differences($1) d
        JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = 'before' AND o.classid = d.classid AND o.objid = d.bobjid
        LEFT JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'before' AND t.classid = 'pg_class'::regclass
                                           AND t.objid = coalesce(o.parent, o.objid) AND t.kind = 'table'
        LEFT JOIN LATERAL (SELECT y.layer FROM yesterday.tracked_table y WHERE y.schema_name = t.schema_name AND y.table_name = t.object_name
                           UNION ALL
                           SELECT y.layer FROM yesterday.tracked_aside y
                           WHERE y.schema_name = t.schema_name AND y.table_name = t.object_name AND y.deployment = $1 LIMIT 1) e ON true
        WHERE d.owned) x;
$function$;
COMMENT ON FUNCTION yesterday._displaced(bigint) IS 'portable digests of what a deployment displaced, in its rehearsed rollback';
REVOKE ALL ON FUNCTION yesterday._displaced(bigint) FROM PUBLIC;

