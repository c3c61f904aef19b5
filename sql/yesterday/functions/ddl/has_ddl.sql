-- yesterday._has_ddl(deployment): did the deployment run DDL that the images show?
CREATE FUNCTION yesterday._has_ddl(deployment bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (SELECT FROM yesterday.ddl_entry e WHERE e.deployment = $1 AND e.member
                   AND e.object_type NOT IN ('outside the database', 'large object', 'system catalog'))
$function$;
COMMENT ON FUNCTION yesterday._has_ddl(bigint) IS 'internal: the deployment ran DDL';
REVOKE ALL ON FUNCTION yesterday._has_ddl(bigint) FROM PUBLIC;

