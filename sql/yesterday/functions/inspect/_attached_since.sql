-- Was a partition no part of the parent before a deployment: it, or what it hangs on, was
-- attached by that deployment or one after it?
CREATE FUNCTION yesterday._attached_since(leaf oid, root oid, since bigint)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM pg_partition_ancestors(leaf::regclass) a(relid)
        JOIN yesterday.schema_object b ON b.classid = 'pg_class'::regclass AND b.objid = a.relid::oid
                                      AND b.phase = 'before' AND b.kind = 'table' AND NOT b.definition ? 'partition_of'
        JOIN yesterday.deployment d ON d.id = b.deployment
        WHERE d.id >= since AND d.status IN ('open', 'finished')
          AND a.relid::oid <> $2
          AND a.relid::oid NOT IN (SELECT p.relid::oid FROM pg_partition_ancestors($2::regclass) p(relid)));
$function$;
COMMENT ON FUNCTION yesterday._attached_since(oid, oid, bigint) IS 'was a partition attached by a deployment since';
REVOKE ALL ON FUNCTION yesterday._attached_since(oid, oid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._attached_since(oid, oid, bigint) TO yesterday_viewer;
