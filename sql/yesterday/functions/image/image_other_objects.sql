-- yesterday._image_other_objects(deployment, phase): enters schemas, extensions, default
-- privileges, and the rarer kinds, of some of which only existence and catalog row are known.
CREATE FUNCTION yesterday._image_other_objects(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    catalog record;
    has_any boolean;
BEGIN
    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, owner, definition)
    SELECT $1, $2, 'pg_namespace'::regclass, n.oid, 'schema', n.nspname, n.nspname,
           quote_ident(n.nspname), pg_get_userbyid(n.nspowner),
           jsonb_strip_nulls(jsonb_build_object(
               'acl', CASE WHEN n.nspacl <> acldefault('n', n.nspowner) THEN yesterday._acl_items(n.nspacl) END,
               'comment', obj_description(n.oid, 'pg_namespace')))
    FROM pg_namespace n
    WHERE n.oid IN (SELECT s FROM yesterday._scope_schemas() s)
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass
                      AND e.objid = n.oid AND e.deptype = 'e');

    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, owner, definition)
    SELECT $1, $2, 'pg_extension'::regclass, x.oid, 'extension', n.nspname, x.extname,
           quote_ident(x.extname), pg_get_userbyid(x.extowner),
           jsonb_strip_nulls(jsonb_build_object(
               -- of ourselves only privileges matter: GRANT ... ON ALL FUNCTIONS gives them, too
               'version', CASE WHEN x.extname NOT LIKE 'yesterday%' THEN x.extversion END, 'schema', quote_ident(n.nspname),
               'privileges', yesterday._extension_privileges(x.oid),
               'comment', obj_description(x.oid, 'pg_extension')))
    FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace;

    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, owner, definition)
    SELECT $1, $2, 'pg_default_acl'::regclass, d.oid, 'default privileges', n.nspname,
           w.words,
           format('FOR ROLE %I%s ON %s', pg_get_userbyid(d.defaclrole),
                  ' IN SCHEMA ' || quote_ident(n.nspname), w.words),
           pg_get_userbyid(d.defaclrole),
           jsonb_build_object('type', d.defaclobjtype, 'acl', yesterday._acl_items(d.defaclacl))
    FROM pg_default_acl d
    LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
    CROSS JOIN LATERAL (SELECT CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES'
                        WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS'
                        ELSE 'LARGE OBJECTS' END AS words) w;

    PERFORM yesterday._image_database($1, $2);
    FOR catalog IN
        SELECT * FROM yesterday._rare_catalogs()
    LOOP
        -- most databases have none of most kinds, and planning the query takes longer than this
        EXECUTE format('SELECT EXISTS (SELECT FROM %I o WHERE o.oid >= 16384)', catalog.name) INTO has_any;
        CONTINUE WHEN NOT has_any;
        EXECUTE format($query$
            INSERT INTO yesterday.schema_object
                (deployment, phase, classid, objid, kind, schema_name, object_name, identity, owner, definition)
            SELECT $1, $2, %1$L::regclass, o.oid, %2$L, %3$s,
                   coalesce(%7$s, i.identity), i.identity, %6$s,
                   CASE WHEN d.def ? 'create' THEN d.def
                        ELSE to_jsonb(o) - %4$L::text[] || coalesce(d.def, '{}') END
                   || CASE WHEN c.description IS NULL THEN '{}' ELSE
                      jsonb_build_object('comment', c.description) END
            FROM %1$I o
            CROSS JOIN LATERAL pg_identify_object(%1$L::regclass, o.oid, 0) i
            CROSS JOIN LATERAL (SELECT yesterday._rare_definition(%2$L, o.oid) AS def) d
            LEFT JOIN pg_description c ON c.classoid = %1$L::regclass AND c.objoid = o.oid
                                      AND c.objsubid = 0
            WHERE o.oid >= 16384 AND %5$s
              -- casts of a range type belong to it
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = %1$L::regclass
                              AND e.objid = o.oid AND e.deptype = 'i')
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = %1$L::regclass
                              AND e.objid = o.oid AND e.deptype = 'e')
            $query$, catalog.name, catalog.kind,
            CASE WHEN catalog.namespace IS NULL THEN 'NULL::name' ELSE 'i.schema' END,
            catalog.unstable,
            CASE WHEN catalog.namespace IS NULL THEN 'true'
                 ELSE format('o.%I IN (SELECT s FROM yesterday._scope_schemas() s)', catalog.namespace)
            END,
            CASE WHEN catalog.owner IS NULL THEN 'NULL::name' ELSE format('pg_get_userbyid(o.%I)', catalog.owner) END,
            CASE WHEN catalog.name_column IS NULL THEN 'NULL' ELSE format('o.%I', catalog.name_column) END)
        USING $1, $2;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._image_other_objects(bigint, text) IS 'internal: schemas, extensions, default privileges and rare kinds of a schema image';
REVOKE ALL ON FUNCTION yesterday._image_other_objects(bigint, text) FROM PUBLIC;

