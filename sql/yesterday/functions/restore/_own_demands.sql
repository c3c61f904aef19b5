-- What a deployment demands of rows and the inverse DDL takes away before they are put back: for the preview, which looks at them
-- while it is there. Found by address, and by name where the rollback of a later deployment has made the table anew.
--   attribute   0: the object, an index or a constraint; a number: NOT NULL of this column; -1: the bounds of the partition
CREATE FUNCTION yesterday._own_demands(deployment bigint) RETURNS TABLE (object oid, attribute integer)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH changed AS MATERIALIZED (
        SELECT a.*, x.bobjid, b.definition AS before,
               coalesce((SELECT c.oid FROM pg_class c WHERE yesterday._same_cluster($1)
                           AND c.oid = CASE WHEN a.classid = 'pg_class'::regclass THEN a.objid ELSE a.parent END),
                        -- to_regclass() fails on what is no name, and conditions are asked in any order
                        CASE WHEN a.classid = 'pg_class'::regclass THEN to_regclass(a.identity) ELSE to_regclass(t.identity) END) AS relation
        FROM yesterday._image_differences($1) x
        JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = x.classid AND a.objid = x.aobjid
        LEFT JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = x.classid AND b.objid = x.bobjid
        LEFT JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'after' AND t.classid = 'pg_class'::regclass AND t.objid = a.parent
        WHERE x.owned AND x.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass)
    )
    SELECT x.relation, 0 FROM changed x WHERE x.classid = 'pg_class'::regclass AND x.bobjid IS DISTINCT FROM x.objid
    UNION ALL
    SELECT k.oid, 0
    FROM changed x JOIN pg_constraint k ON k.conrelid = x.relation AND k.conname = x.object_name
    WHERE x.classid = 'pg_constraint'::regclass AND x.bobjid IS DISTINCT FROM x.objid
    UNION ALL
    SELECT x.relation, t.attnum::integer
    FROM changed x
    CROSS JOIN LATERAL jsonb_array_elements(x.definition -> 'columns') c
    JOIN pg_attribute t ON t.attrelid = x.relation AND t.attname = c ->> 'name' AND NOT t.attisdropped
    WHERE x.kind = 'table' AND x.bobjid = x.objid AND c ? 'not_null'
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(x.before -> 'columns') o WHERE o -> 'num' = c -> 'num' AND o ? 'not_null')
    UNION ALL
    -- a partition that comes narrows what the default one beside it takes, and all under that
    SELECT l.relid, -1
    FROM (SELECT DISTINCT x.definition ->> 'partition_of' AS parent
          FROM changed x
          WHERE x.definition ? 'partition_of'
            AND (x.before -> 'partition_of' IS DISTINCT FROM x.definition -> 'partition_of'
                 OR x.before -> 'bound' IS DISTINCT FROM x.definition -> 'bound')) p
    CROSS JOIN LATERAL pg_partition_tree(to_regclass(p.parent)) l
    WHERE l.isleaf
$function$;
COMMENT ON FUNCTION yesterday._own_demands(bigint) IS 'internal: what a deployment demands of rows, and its rollback does not';
REVOKE ALL ON FUNCTION yesterday._own_demands(bigint) FROM PUBLIC;
