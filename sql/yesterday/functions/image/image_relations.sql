-- yesterday._image_relations(deployment, phase): enters tables, views, materialized views,
-- foreign tables and sequences into a schema image, with their columns.
--
-- A table and its columns are one row: most tables do not change in a deployment, and one
-- comparison tells so. An ACL or a property that equals the default is left out, so that
-- "never set" and "set to the default", which no command can tell apart, are the same.
CREATE FUNCTION yesterday._image_relations(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    WITH scope AS MATERIALIZED (
        SELECT s AS oid FROM yesterday._scope_schemas() s
    ), relation AS MATERIALIZED (
        SELECT c.*, n.nspname
        FROM pg_class c
        JOIN scope s ON s.oid = c.relnamespace
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend e ON e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
        WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
          AND e.objid IS NULL
    ), identity_sequence AS MATERIALIZED (
        SELECT d.refobjid AS relid, d.refobjsubid AS attnum,
               jsonb_strip_nulls(jsonb_build_object(
                   'sequence', format('%I.%I', n.nspname, c.relname),
                   'type', format_type(q.seqtypid, NULL),
                   'start', q.seqstart, 'increment', q.seqincrement,
                   'min', q.seqmin, 'max', q.seqmax, 'cache', q.seqcache, 'cycle', q.seqcycle,
                   'persistence', c.relpersistence,
                   'acl', CASE WHEN c.relacl <> acldefault('s', c.relowner) THEN yesterday._acl_items(c.relacl) END,
                   'comment', ds.description)) AS options
        FROM pg_depend d
        JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
        JOIN pg_sequence q ON q.seqrelid = c.oid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_description ds ON ds.classoid = 'pg_class'::regclass AND ds.objoid = c.oid
                                   AND ds.objsubid = 0
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
          AND d.deptype = 'i' AND d.refobjsubid > 0
    ), column_set AS MATERIALIZED (
        SELECT a.attrelid AS relid,
               yesterday._column_set(a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), known.not_null,
                   CASE WHEN NOT known.plain THEN jsonb_strip_nulls(jsonb_build_object(
                   'collation', CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
                                THEN (SELECT format('%I.%I', cn.nspname, co.collname)
                                      FROM pg_collation co
                                      JOIN pg_namespace cn ON cn.oid = co.collnamespace
                                      WHERE co.oid = a.attcollation) END,
                   'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(ad.adbin, ad.adrelid) END,
                   'expression', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(ad.adbin, ad.adrelid) END,
                   'generated', NULLIF(a.attgenerated, ''),
                   'identity', CASE a.attidentity WHEN '' THEN NULL
                               ELSE sq.options || jsonb_build_object('always', a.attidentity = 'a') END,
                   'storage', CASE WHEN a.attstorage <> t.typstorage THEN
                       CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external'
                                         WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended' END END,
                   'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
                   'statistics', NULLIF(a.attstattarget, -1),
                   'options', NULLIF(ARRAY(SELECT o FROM unnest(a.attoptions) o
                                           WHERE o NOT LIKE 'pg\_attver=%'), '{}'),
                   'fdw_options', a.attfdwoptions,
                   'local', CASE WHEN NOT a.attislocal THEN false END,
                   'inherited', NULLIF(a.attinhcount, 0),
                   'acl', CASE WHEN a.attacl <> '{}' THEN yesterday._acl_items(a.attacl) END,
                   'comment', ds.description)) END) AS columns
        FROM relation r
        JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
        LEFT JOIN identity_sequence sq ON sq.relid = a.attrelid AND sq.attnum = a.attnum
        LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n'
                                  AND nn.conkey[1] = a.attnum
        LEFT JOIN pg_description ds ON ds.classoid = 'pg_class'::regclass
                                   AND ds.objoid = a.attrelid AND ds.objsubid = a.attnum
        LEFT JOIN pg_description nd ON nd.classoid = 'pg_constraint'::regclass AND nd.objoid = nn.oid AND nd.objsubid = 0
        -- most columns have nothing but a name, a type and perhaps a NOT NULL, and there are tens of thousands
        CROSS JOIN LATERAL (
            SELECT (a.attcollation = 0 OR a.attcollation = t.typcollation) AND ad.oid IS NULL
                   AND a.attgenerated = '' AND a.attidentity = '' AND a.attstorage = t.typstorage
                   AND a.attcompression = '' AND coalesce(a.attstattarget, -1) = -1
                   AND (a.attoptions IS NULL OR (cardinality(a.attoptions) = 1 AND a.attoptions[1] LIKE 'pg\_attver=%'))
                   AND a.attfdwoptions IS NULL AND a.attislocal AND a.attinhcount = 0 AND a.attacl IS NULL
                   AND ds.description IS NULL AS plain,
                   CASE WHEN a.attnotnull AND r.relkind IN ('r', 'p', 'f') THEN
                       CASE WHEN nn.oid IS NULL THEN '{}'::jsonb
                            ELSE jsonb_strip_nulls(jsonb_build_object(
                                'name', nn.conname,
                                'no_inherit', NULLIF(nn.connoinherit, false),
                                'inherited', NULLIF(nn.coninhcount, 0),
                                'local', CASE WHEN NOT nn.conislocal THEN false END,
                                'valid', CASE WHEN NOT nn.convalidated THEN false END,
                                'comment', nd.description)) END
                   END AS not_null) known
        GROUP BY a.attrelid
    ), parent AS MATERIALIZED (
        SELECT i.inhrelid AS relid,
               array_agg(format('%I.%I', n.nspname, c.relname) ORDER BY i.inhseqno) AS names
        FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhparent AND c.relkind IN ('r', 'p', 'f')
        JOIN pg_namespace n ON n.oid = c.relnamespace
        GROUP BY i.inhrelid
    ), marked_index AS MATERIALIZED (
        SELECT i.indrelid AS relid,
               max(c.relname) FILTER (WHERE i.indisclustered) AS clustered,
               max(c.relname) FILTER (WHERE i.indisreplident) AS replica_identity
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indisclustered OR i.indisreplident
        GROUP BY i.indrelid
    )
    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, owner, definition)
    SELECT $1, $2, 'pg_class'::regclass, r.oid,
           CASE r.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                          WHEN 'f' THEN 'foreign table' ELSE 'table' END,
           r.nspname, r.relname, format('%I.%I', r.nspname, r.relname), pg_get_userbyid(r.relowner),
           jsonb_strip_nulls(jsonb_build_object(
               'columns', coalesce(cs.columns, '[]'),
               'options', r.reloptions,
               'toast_options', toast.reloptions,
               'acl', CASE WHEN r.relacl <> acldefault('r', r.relowner) THEN yesterday._acl_items(r.relacl) END,
               'comment', ds.description,
               'tablespace', ts.spcname)
           || CASE WHEN r.relkind IN ('r', 'p', 'f') THEN jsonb_build_object(
               'partitioned', CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END,
               'persistence', r.relpersistence,
               'access_method', am.amname,
               'inherits', CASE WHEN NOT r.relispartition THEN p.names END,
               'partition_of', CASE WHEN r.relispartition THEN p.names[1] END,
               'bound', pg_get_expr(r.relpartbound, r.oid),
               'of_type', CASE WHEN r.reloftype <> 0 THEN format_type(r.reloftype, NULL) END,
               'replica_identity', CASE r.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' END,
               'replica_index', mi.replica_identity,
               'clustered_on', mi.clustered,
               'row_security', NULLIF(r.relrowsecurity, false),
               'force_row_security', NULLIF(r.relforcerowsecurity, false),
               'server', fs.srvname,
               'fdw_options', ft.ftoptions)
              WHEN r.relkind = 'm' THEN jsonb_build_object(
               'query', pg_get_viewdef(r.oid), 'access_method', am.amname, 'needs', x.extensions,
               'populated', r.relispopulated, 'clustered_on', mi.clustered)
              ELSE jsonb_build_object('query', pg_get_viewdef(r.oid)) END)
    FROM relation r
    LEFT JOIN column_set cs ON cs.relid = r.oid
    LEFT JOIN parent p ON p.relid = r.oid
    LEFT JOIN marked_index mi ON mi.relid = r.oid
    LEFT JOIN yesterday._needed_extensions() x ON x.classid = 'pg_class'::regclass AND x.objid = r.oid
    LEFT JOIN pg_class toast ON toast.oid = r.reltoastrelid
    LEFT JOIN pg_tablespace ts ON ts.oid = r.reltablespace
    LEFT JOIN pg_am am ON am.oid = r.relam
    LEFT JOIN pg_foreign_table ft ON ft.ftrelid = r.oid
    LEFT JOIN pg_foreign_server fs ON fs.oid = ft.ftserver
    LEFT JOIN pg_description ds ON ds.classoid = 'pg_class'::regclass AND ds.objoid = r.oid
                               AND ds.objsubid = 0;

    -- Sequences of identity columns are a property of their column.
    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, owner,
         definition, position)
    SELECT $1, $2, 'pg_class'::regclass, c.oid, 'sequence', n.nspname, c.relname,
           format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner),
           jsonb_strip_nulls(jsonb_build_object(
               'type', format_type(q.seqtypid, NULL),
               'start', q.seqstart, 'increment', q.seqincrement, 'min', q.seqmin,
               'max', q.seqmax, 'cache', q.seqcache, 'cycle', q.seqcycle,
               'persistence', c.relpersistence,
               'owned_by', CASE WHEN o.objid IS NOT NULL THEN
                   (SELECT format('%I.%I.%I', tn.nspname, t.relname, a.attname)
                    FROM pg_class t JOIN pg_namespace tn ON tn.oid = t.relnamespace
                    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = o.refobjsubid
                    WHERE t.oid = o.refobjid) END,
               'acl', CASE WHEN c.relacl <> acldefault('s', c.relowner) THEN yesterday._acl_items(c.relacl) END,
               'comment', obj_description(c.oid, 'pg_class'))),
           jsonb_build_object('last_value', pg_sequence_last_value(c.oid))
    FROM pg_class c
    JOIN pg_sequence q ON q.seqrelid = c.oid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid
                         AND o.refclassid = 'pg_class'::regclass AND o.deptype IN ('a', 'i')
    LEFT JOIN pg_depend e ON e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
    WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND e.objid IS NULL
      AND (o.objid IS NULL OR o.deptype = 'a')
      AND c.relnamespace IN (SELECT s FROM yesterday._scope_schemas() s);
END
$function$;
COMMENT ON FUNCTION yesterday._image_relations(bigint, text) IS 'internal: relations of a schema image';
REVOKE ALL ON FUNCTION yesterday._image_relations(bigint, text) FROM PUBLIC;

