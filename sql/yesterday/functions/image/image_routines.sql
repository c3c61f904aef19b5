-- yesterday._image_routines(deployment, phase): enters functions, procedures and aggregates
-- into a schema image. "result" and "arguments" tell whether CREATE OR REPLACE is enough.
CREATE FUNCTION yesterday._image_routines(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, owner, definition)
    SELECT $1, $2, 'pg_proc'::regclass, p.oid,
           CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           n.nspname, p.proname,
           -- parameters need not keep their names
           format('%I.%I(%s)', n.nspname, p.proname,
                  CASE WHEN p.prokind = 'a' THEN CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_identity_arguments(p.oid) END
                       ELSE (SELECT string_agg(format_type(t.type, NULL), ', ' ORDER BY t.place)
                             FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (type, place)) END),
           pg_get_userbyid(p.proowner),
           jsonb_strip_nulls(jsonb_build_object(
               'create', CASE p.prokind WHEN 'a' THEN yesterday._aggregate_definition(p.oid)
                         -- the server writes an argument by its name also where it has none, and others have
                         ELSE CASE WHEN p.prosqlbody IS NOT NULL AND '' = ANY (p.proargnames) THEN yesterday._numbered_definition(p.oid)
                                   ELSE pg_get_functiondef(p.oid) END END,
               'arguments', pg_get_function_arguments(p.oid),
               'result', coalesce(pg_get_function_result(p.oid), ''),
               'acl', CASE WHEN p.proacl <> acldefault('f', p.proowner) THEN yesterday._acl_items(p.proacl) END,
               'needs', x.extensions,
               'comment', obj_description(p.oid, 'pg_proc')))
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    LEFT JOIN pg_depend e ON e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'
    LEFT JOIN yesterday._needed_extensions() x ON x.classid = 'pg_proc'::regclass AND x.objid = p.oid
    WHERE p.pronamespace IN (SELECT s FROM yesterday._scope_schemas() s)
      AND e.objid IS NULL
      -- constructors of range types belong to their type
      AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass
                      AND i.objid = p.oid AND i.deptype = 'i' AND i.refclassid = 'pg_type'::regclass);
END
$function$;
COMMENT ON FUNCTION yesterday._image_routines(bigint, text) IS 'internal: functions, procedures and aggregates of a schema image';
REVOKE ALL ON FUNCTION yesterday._image_routines(bigint, text) FROM PUBLIC;

-- yesterday._needed_extensions(): what ALTER ... DEPENDS ON EXTENSION has tied to extensions, and goes with them.
CREATE FUNCTION yesterday._needed_extensions() RETURNS TABLE (classid oid, objid oid, extensions jsonb)
LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT d.classid, d.objid, jsonb_agg(e.extname ORDER BY e.extname)
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x'
    GROUP BY d.classid, d.objid
$function$;
COMMENT ON FUNCTION yesterday._needed_extensions() IS 'internal: objects that depend on extensions without being members';
REVOKE ALL ON FUNCTION yesterday._needed_extensions() FROM PUBLIC;

-- yesterday._numbered_body(function): body of an SQL function that the server keeps as a tree, with numbers for its arguments.
CREATE FUNCTION yesterday._numbered_body(routine oid) RETURNS text
LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'yd_numbered_body';
COMMENT ON FUNCTION yesterday._numbered_body(oid) IS 'internal: body of an SQL function with numbered arguments';
REVOKE ALL ON FUNCTION yesterday._numbered_body(oid) FROM PUBLIC;

-- yesterday._numbered_definition(function): the command that makes such a function.
CREATE FUNCTION yesterday._numbered_definition(routine oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT left(d.text, length(d.text) - length(pg_get_function_sqlbody($1)) - 1) || yesterday._numbered_body($1) || E'\n'
    FROM (SELECT pg_get_functiondef($1) AS text) d
$function$;
COMMENT ON FUNCTION yesterday._numbered_definition(oid) IS 'internal: command that makes a function whose body names its arguments by number';
REVOKE ALL ON FUNCTION yesterday._numbered_definition(oid) FROM PUBLIC;
