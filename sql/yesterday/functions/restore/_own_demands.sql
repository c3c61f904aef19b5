-- What a deployment demands of rows and the inverse DDL takes away before they are put back: for the preview, which looks at them
-- while it is there.
--   attribute   0: the object, an index or a constraint; a number: NOT NULL of this column; -1: the bounds of the partition
CREATE FUNCTION yesterday._own_demands(deployment bigint) RETURNS TABLE (object oid, attribute integer)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH changed AS MATERIALIZED (
        SELECT x.* FROM yesterday._image_differences($1) x
        WHERE x.owned AND x.aobjid IS NOT NULL AND x.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass)
          AND yesterday._same_cluster($1)
    ), altered AS MATERIALIZED (
        SELECT x.aobjid, b.definition AS before, a.definition AS after
        FROM changed x
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = x.classid AND b.objid = x.bobjid
        JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = x.classid AND a.objid = x.aobjid
        WHERE x.bobjid = x.aobjid AND a.kind = 'table'
    )
    SELECT x.aobjid, 0 FROM changed x WHERE x.bobjid IS DISTINCT FROM x.aobjid
    UNION ALL
    SELECT t.aobjid, (c ->> 'num')::integer
    FROM altered t CROSS JOIN LATERAL jsonb_array_elements(t.after -> 'columns') c
    WHERE c ? 'not_null'
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.before -> 'columns') o WHERE o -> 'num' = c -> 'num' AND o ? 'not_null')
    UNION ALL
    -- a partition that comes narrows what the default one beside it takes, and all under that
    SELECT l.relid, -1
    FROM (SELECT DISTINCT a.definition ->> 'partition_of' AS parent
          FROM changed x
          JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = x.classid AND a.objid = x.aobjid
          LEFT JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = x.classid AND b.objid = x.bobjid
          WHERE a.definition ? 'partition_of'
            AND (b.definition -> 'partition_of' IS DISTINCT FROM a.definition -> 'partition_of'
                 OR b.definition -> 'bound' IS DISTINCT FROM a.definition -> 'bound')) p
    CROSS JOIN LATERAL pg_partition_tree(to_regclass(p.parent)) l
    WHERE l.isleaf
$function$;
COMMENT ON FUNCTION yesterday._own_demands(bigint) IS 'internal: what a deployment demands of rows, and its rollback does not';
REVOKE ALL ON FUNCTION yesterday._own_demands(bigint) FROM PUBLIC;
