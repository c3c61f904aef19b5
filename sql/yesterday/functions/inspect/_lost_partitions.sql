-- Partitions of a table that a deployment, or one after it, dropped or detached; NULL: none.
CREATE FUNCTION yesterday._lost_partitions(relation oid, since bigint)
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT string_agg(DISTINCT b.identity, ', ' ORDER BY b.identity)
    FROM yesterday.deployment d
    JOIN yesterday.schema_object b ON b.deployment = d.id AND b.phase = 'before' AND b.kind = 'table'
    LEFT JOIN yesterday.schema_object a ON a.deployment = d.id AND a.phase = 'after'
                                       AND a.classid = b.classid AND a.objid = b.objid
    WHERE d.id >= since AND d.status IN ('open', 'finished')
      AND b.definition ? 'partition_of' AND NOT coalesce(a.definition ? 'partition_of', false)
      AND EXISTS (SELECT FROM yesterday.schema_object o WHERE o.deployment = d.id AND o.phase = 'after')
      AND to_regclass(b.definition->>'partition_of') IN (SELECT t.relid FROM pg_partition_tree(relation::regclass) t)
      AND NOT EXISTS (SELECT FROM pg_partition_tree(relation::regclass) t WHERE t.relid = to_regclass(b.identity));
$function$;
COMMENT ON FUNCTION yesterday._lost_partitions(oid, bigint) IS 'partitions that deployments dropped or detached since';
REVOKE ALL ON FUNCTION yesterday._lost_partitions(oid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._lost_partitions(oid, bigint) TO yesterday_viewer;
