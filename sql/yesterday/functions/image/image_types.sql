-- yesterday._image_types(deployment, phase): enters enums, composite types, domains and ranges
-- into a schema image. Row types of tables, array types and multiranges belong to another object.
CREATE FUNCTION yesterday._image_types(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, owner, definition)
    SELECT $1, $2, 'pg_type'::regclass, t.oid,
           CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite type' WHEN 'd' THEN 'domain'
                          WHEN 'r' THEN 'range'
                          ELSE CASE WHEN t.typisdefined THEN 'base type' ELSE 'shell type' END END,
           n.nspname, t.typname, format('%I.%I', n.nspname, t.typname), pg_get_userbyid(t.typowner),
           jsonb_strip_nulls(jsonb_build_object(
               'acl', CASE WHEN t.typacl <> acldefault('T', t.typowner) THEN yesterday._acl_items(t.typacl) END,
               'comment', obj_description(t.oid, 'pg_type'))
           || CASE t.typtype
              WHEN 'e' THEN jsonb_build_object('labels',
                  ARRAY(SELECT l.enumlabel FROM pg_enum l WHERE l.enumtypid = t.oid
                        ORDER BY l.enumsortorder),
                  -- a renamed label keeps its id
                  'label_ids', ARRAY(SELECT l.oid::bigint FROM pg_enum l WHERE l.enumtypid = t.oid
                                     ORDER BY l.enumsortorder))
              WHEN 'c' THEN jsonb_build_object('attributes',
                  (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                              'num', a.attnum, 'name', a.attname,
                              'type', format_type(a.atttypid, a.atttypmod),
                              'collation', CASE WHEN a.attcollation <> 0
                                                 AND a.attcollation <> at.typcollation
                                           THEN (SELECT format('%I.%I', cn.nspname, co.collname)
                                                 FROM pg_collation co JOIN pg_namespace cn
                                                      ON cn.oid = co.collnamespace
                                                 WHERE co.oid = a.attcollation) END,
                              'comment', col_description(a.attrelid, a.attnum)))
                          ORDER BY a.attnum)
                   FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
                   WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
              WHEN 'd' THEN jsonb_build_object(
                  'base', format_type(t.typbasetype, t.typtypmod),
                  'collation', CASE WHEN t.typcollation <> 0 AND t.typcollation <> bt.typcollation
                               THEN (SELECT format('%I.%I', cn.nspname, co.collname)
                                     FROM pg_collation co JOIN pg_namespace cn
                                          ON cn.oid = co.collnamespace
                                     WHERE co.oid = t.typcollation) END,
                  'not_null', NULLIF(t.typnotnull, false),
                  -- its text names what it calls as the search_path of who wrote it did
                  'default', pg_get_expr(t.typdefaultbin, 'pg_type'::regclass),
                  'constraints',
                  (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                              'name', k.conname, 'definition', pg_get_constraintdef(k.oid),
                              'comment', obj_description(k.oid, 'pg_constraint')))
                          ORDER BY k.conname)
                   FROM pg_constraint k WHERE k.contypid = t.oid))
              WHEN 'r' THEN jsonb_build_object(
                  'subtype', format_type(r.rngsubtype, NULL),
                  'opclass', CASE WHEN NOT oc.opcdefault THEN
                      (SELECT format('%I.%I', ocn.nspname, oc.opcname)
                       FROM pg_namespace ocn WHERE ocn.oid = oc.opcnamespace) END,
                  'collation', CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> st.typcollation
                               THEN (SELECT format('%I.%I', cn.nspname, co.collname)
                                     FROM pg_collation co JOIN pg_namespace cn
                                          ON cn.oid = co.collnamespace
                                     WHERE co.oid = r.rngcollation) END,
                  'canonical', NULLIF(r.rngcanonical::text, '-'),
                  'subtype_diff', NULLIF(r.rngsubdiff::text, '-'),
                  'multirange', format_type(r.rngmultitypid, NULL))
              ELSE CASE WHEN t.typisdefined THEN to_jsonb(t) - '{oid,typacl,typowner,typarray}'::text[]
                        ELSE jsonb_build_object('create', format('CREATE TYPE %I.%I', n.nspname, t.typname)) END END)
    FROM pg_type t
    JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_class tc ON tc.oid = t.typrelid
    LEFT JOIN pg_type bt ON bt.oid = t.typbasetype
    LEFT JOIN pg_range r ON r.rngtypid = t.oid
    LEFT JOIN pg_type st ON st.oid = r.rngsubtype
    LEFT JOIN pg_opclass oc ON oc.oid = r.rngsubopc
    LEFT JOIN pg_depend e ON e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'
    LEFT JOIN pg_depend ec ON ec.classid = 'pg_class'::regclass AND ec.objid = t.typrelid
                          AND t.typrelid <> 0 AND ec.deptype = 'e'
    WHERE t.typnamespace IN (SELECT s FROM yesterday._scope_schemas() s)
      AND e.objid IS NULL AND ec.objid IS NULL
      AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND tc.relkind = 'c')
           OR (t.typtype IN ('b', 'p')
               AND NOT EXISTS (SELECT FROM pg_type el WHERE el.typarray = t.oid)));
END
$function$;
COMMENT ON FUNCTION yesterday._image_types(bigint, text) IS 'internal: types of a schema image';
REVOKE ALL ON FUNCTION yesterday._image_types(bigint, text) FROM PUBLIC;

