-- yesterday._extension_privileges(extension): privileges on members of an extension that are not what its script gave:
-- {what GRANT calls the member: {acl, init}}. The schema of the extension is written {schema}: it can be moved.
CREATE FUNCTION yesterday._extension_privileges(extension oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT jsonb_object_agg(replace(m.member, quote_ident(n.nspname) || '.', '{schema}.'),
                            jsonb_build_object('acl', yesterday._acl_items(v.acl), 'init', yesterday._acl_items(v.init)))
    FROM pg_extension x
    JOIN pg_namespace n ON n.oid = x.extnamespace
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND d.deptype = 'e'
    LEFT JOIN pg_init_privs i ON i.classoid = d.classid AND i.objoid = d.objid AND i.objsubid = 0
    -- most members have what they were given: they are passed over before anything is written about them
    JOIN LATERAL (
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass AS member, c.relacl AS acl,
               acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner) AS base
        FROM pg_class c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND c.relacl IS DISTINCT FROM i.initprivs
        UNION ALL
        SELECT 'ROUTINE ' || p.oid::regprocedure, p.proacl, acldefault('f', p.proowner)
        FROM pg_proc p WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
          AND p.proacl IS DISTINCT FROM i.initprivs
        UNION ALL
        SELECT 'TYPE ' || t.oid::regtype, t.typacl, acldefault('T', t.typowner)
        FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typtype <> 'c'
          AND t.typacl IS DISTINCT FROM i.initprivs
        UNION ALL
        SELECT 'SCHEMA ' || quote_ident(s.nspname), s.nspacl, acldefault('n', s.nspowner)
        FROM pg_namespace s WHERE d.classid = 'pg_namespace'::regclass AND s.oid = d.objid
          AND s.nspacl IS DISTINCT FROM i.initprivs
        UNION ALL
        SELECT 'LANGUAGE ' || quote_ident(l.lanname), l.lanacl, acldefault('l', l.lanowner)
        FROM pg_language l WHERE d.classid = 'pg_language'::regclass AND l.oid = d.objid
          AND l.lanacl IS DISTINCT FROM i.initprivs
        UNION ALL
        SELECT 'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname), w.fdwacl, acldefault('F', w.fdwowner)
        FROM pg_foreign_data_wrapper w WHERE d.classid = 'pg_foreign_data_wrapper'::regclass AND w.oid = d.objid
          AND w.fdwacl IS DISTINCT FROM i.initprivs
    ) m ON true
    CROSS JOIN LATERAL (SELECT coalesce(m.acl, m.base) AS acl, coalesce(i.initprivs, m.base) AS init) v
    WHERE x.oid = $1 AND v.acl IS DISTINCT FROM v.init
$function$;
COMMENT ON FUNCTION yesterday._extension_privileges(oid) IS 'internal: privileges on members of an extension that were changed';
REVOKE ALL ON FUNCTION yesterday._extension_privileges(oid) FROM PUBLIC;

-- yesterday._extension_grants(now, goal): commands that lead the privileges on members of an extension to others.
CREATE FUNCTION yesterday._extension_grants(now_def jsonb, goal jsonb) RETURNS TABLE (owner name, command text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.owner, c.command
    FROM (SELECT jsonb_object_keys($1 -> 'privileges') AS member UNION SELECT jsonb_object_keys($2 -> 'privileges')) m
    CROSS JOIN LATERAL (SELECT $1 -> 'privileges' -> m.member AS now, $2 -> 'privileges' -> m.member AS goal) v
    CROSS JOIN LATERAL yesterday._acl_commands(replace(m.member, '{schema}', $2 ->> 'schema'),
        coalesce(v.now -> 'acl', v.goal -> 'init'), coalesce(v.goal -> 'acl', v.now -> 'init')) c
    WHERE v.now -> 'acl' IS DISTINCT FROM v.goal -> 'acl'
$function$;
COMMENT ON FUNCTION yesterday._extension_grants(jsonb, jsonb) IS 'internal: commands for privileges on members of an extension';
REVOKE ALL ON FUNCTION yesterday._extension_grants(jsonb, jsonb) FROM PUBLIC;
