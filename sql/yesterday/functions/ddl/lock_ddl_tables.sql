-- yesterday._lock_ddl_tables(deployment, force): takes the tables whose definition goes back in
-- ACCESS EXCLUSIVE mode, in order of name, before the plan is made: rows and positions of
-- sequences stand still from then on. _lock_table() says how, and what force does.
CREATE FUNCTION yesterday._lock_ddl_tables(deployment bigint, force boolean) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    wanted record;
    lines jsonb := '[]';
BEGIN
    FOR wanted IN SELECT t.relation FROM yesterday._ddl_tables($1) t ORDER BY t.identity
    LOOP
        lines := lines || yesterday._lock_table(wanted.relation, true, $2);
    END LOOP;
    RETURN lines;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_ddl_tables(bigint, boolean) IS 'internal: locks the tables whose definition goes back';
REVOKE ALL ON FUNCTION yesterday._lock_ddl_tables(bigint, boolean) FROM PUBLIC;

-- yesterday._ddl_tables(deployment): the tables whose definition goes back and that are there.
CREATE FUNCTION yesterday._ddl_tables(deployment bigint) RETURNS TABLE (relation oid, identity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT DISTINCT v.relation, t.identity
    FROM yesterday._image_differences($1) x
    JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = 'after' AND o.classid = x.classid AND o.objid = x.aobjid
    JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'after' AND t.classid = 'pg_class'::regclass
                                  AND t.objid = coalesce(o.parent, o.objid) AND t.kind = 'table'
    -- to_regclass() fails on what is no name, and conditions are asked in any order
    CROSS JOIN LATERAL (SELECT CASE WHEN t.kind = 'table' THEN to_regclass(t.identity)::oid END AS relation) v
    WHERE x.owned AND v.relation IS NOT NULL;
$function$;
COMMENT ON FUNCTION yesterday._ddl_tables(bigint) IS 'internal: tables whose definition goes back';
REVOKE ALL ON FUNCTION yesterday._ddl_tables(bigint) FROM PUBLIC;
