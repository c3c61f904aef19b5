-- yesterday._image_table_parts(deployment, phase): enters what belongs to a relation into a
-- schema image: indexes, constraints, triggers, rules, policies, extended statistics.
--
-- Only relations that are in the image count. What a child has from its parent (partition
-- constraints and triggers, attached partition indexes) is entered with "inherited": no
-- command can drop or make it alone, but the comparison has to see it.
CREATE FUNCTION yesterday._image_table_parts(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    WITH relation AS MATERIALIZED (
        SELECT o.objid, o.identity, o.schema_name, o.owner FROM yesterday.schema_object o
        WHERE o.deployment = $1 AND o.phase = $2 AND o.classid = 'pg_class'::regclass
          AND o.kind <> 'sequence'
    )
    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, parent,
         owner, definition)
    SELECT $1, $2, 'pg_class'::regclass, c.oid, 'index', r.schema_name, c.relname,
           format('%I.%I', r.schema_name, c.relname), r.objid, r.owner,
           jsonb_strip_nulls(jsonb_build_object(
               'create', pg_get_indexdef(c.oid),
               'unique', NULLIF(i.indisunique, false),
               'tablespace', ts.spcname,
               'valid', CASE WHEN NOT i.indisvalid THEN false END,
               'ready', CASE WHEN NOT i.indisready THEN false END,
               'inherited', NULLIF(p.inhparent IS NOT NULL, false),
               'attached_to', CASE WHEN p.inhparent IS NOT NULL THEN
                   (SELECT format('%I.%I', pn.nspname, pc.relname) FROM pg_class pc
                    JOIN pg_namespace pn ON pn.oid = pc.relnamespace WHERE pc.oid = p.inhparent) END,
               'statistics', (SELECT jsonb_object_agg(a.attnum, a.attstattarget) FROM pg_attribute a
                              WHERE a.attrelid = c.oid AND a.attstattarget >= 0),
               'needs', x.extensions,
               'comment', ds.description))
    FROM relation r
    JOIN pg_index i ON i.indrelid = r.objid
    JOIN pg_class c ON c.oid = i.indexrelid
    LEFT JOIN pg_description ds ON ds.classoid = 'pg_class'::regclass AND ds.objoid = c.oid AND ds.objsubid = 0
    LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
    LEFT JOIN pg_inherits p ON p.inhrelid = c.oid
    LEFT JOIN yesterday._needed_extensions() x ON x.classid = 'pg_class'::regclass AND x.objid = c.oid
    WHERE NOT EXISTS (SELECT FROM pg_constraint k
                      WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'));

    WITH relation AS MATERIALIZED (
        SELECT o.objid, o.identity, o.schema_name, o.owner FROM yesterday.schema_object o
        WHERE o.deployment = $1 AND o.phase = $2 AND o.classid = 'pg_class'::regclass
          AND o.kind IN ('table', 'foreign table')
    )
    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, parent,
         owner, definition)
    SELECT $1, $2, 'pg_constraint'::regclass, k.oid, 'constraint', r.schema_name, k.conname,
           format('%I ON %s', k.conname, r.identity), r.objid, r.owner,
           jsonb_strip_nulls(jsonb_build_object(
               'type', k.contype,
               'definition', pg_get_constraintdef(k.oid),
               'valid', CASE WHEN NOT k.convalidated THEN false END,
               'inherited', NULLIF(k.conparentid <> 0 OR NOT k.conislocal, false),
               'parents', NULLIF(k.coninhcount, 0),
               'local', CASE WHEN NOT k.conislocal THEN false END,
               'index', CASE WHEN x.oid IS NOT NULL AND x.relname <> k.conname THEN x.relname END,
               'index_create', CASE WHEN x.reloptions IS NOT NULL OR x.reltablespace <> 0
                                    THEN pg_get_indexdef(x.oid) END,
               'attached_to', (SELECT format('%I.%I', pn.nspname, pc.relname)
                               FROM pg_inherits h JOIN pg_class pc ON pc.oid = h.inhparent
                               JOIN pg_namespace pn ON pn.oid = pc.relnamespace WHERE h.inhrelid = x.oid),
               'tablespace', ts.spcname,
               'refers', CASE WHEN k.contype = 'f' THEN jsonb_build_object(
                   'table', (SELECT format('%I.%I', pn.nspname, pc.relname) FROM pg_class pc
                             JOIN pg_namespace pn ON pn.oid = pc.relnamespace WHERE pc.oid = k.confrelid),
                   'columns', (SELECT jsonb_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
                               WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey))) END,
               'comment', ds.description,
               'index_comment', xs.description))
    FROM relation r
    JOIN pg_constraint k ON k.conrelid = r.objid
    LEFT JOIN pg_class x ON x.oid = k.conindid AND k.contype IN ('p', 'u', 'x')
    LEFT JOIN pg_description ds ON ds.classoid = 'pg_constraint'::regclass AND ds.objoid = k.oid AND ds.objsubid = 0
    LEFT JOIN pg_description xs ON xs.classoid = 'pg_class'::regclass AND xs.objoid = x.oid AND xs.objsubid = 0
    LEFT JOIN pg_tablespace ts ON ts.oid = x.reltablespace
    WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
      -- what the server keeps for itself about each partition that a foreign key refers to, under names of its own
      AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid);

    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, parent,
         owner, definition)
    SELECT $1, $2, 'pg_trigger'::regclass, t.oid, 'trigger', r.schema_name, t.tgname,
           format('%I ON %s', t.tgname, r.identity), r.objid, r.owner,
           jsonb_strip_nulls(jsonb_build_object(
               'create', pg_get_triggerdef(t.oid),
               'enabled', t.tgenabled,
               'inherited', NULLIF(t.tgparentid <> 0, false),
               'needs', x.extensions,
               'comment', obj_description(t.oid, 'pg_trigger')))
    FROM yesterday.schema_object r
    JOIN pg_trigger t ON t.tgrelid = r.objid
    JOIN pg_proc f ON f.oid = t.tgfoid
    LEFT JOIN yesterday._needed_extensions() x ON x.classid = 'pg_trigger'::regclass AND x.objid = t.oid
    WHERE r.deployment = $1 AND r.phase = $2 AND r.classid = 'pg_class'::regclass
      AND NOT t.tgisinternal
      -- the capture triggers are ours
      AND f.pronamespace <> 'yesterday'::regnamespace;

    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, parent,
         owner, definition)
    SELECT $1, $2, 'pg_rewrite'::regclass, w.oid, 'rule', r.schema_name, w.rulename,
           format('%I ON %s', w.rulename, r.identity), r.objid, r.owner,
           jsonb_strip_nulls(jsonb_build_object(
               'create', pg_get_ruledef(w.oid),
               'enabled', w.ev_enabled,
               'comment', obj_description(w.oid, 'pg_rewrite')))
    FROM yesterday.schema_object r
    JOIN pg_rewrite w ON w.ev_class = r.objid
    WHERE r.deployment = $1 AND r.phase = $2 AND r.classid = 'pg_class'::regclass
      AND w.rulename <> '_RETURN';

    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, parent,
         owner, definition)
    SELECT $1, $2, 'pg_policy'::regclass, p.oid, 'policy', r.schema_name, p.polname,
           format('%I ON %s', p.polname, r.identity), r.objid, r.owner,
           jsonb_strip_nulls(jsonb_build_object(
               'command', CASE p.polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT'
                              WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' ELSE 'DELETE' END,
               'permissive', p.polpermissive,
               'roles', ARRAY(SELECT CASE WHEN u = 0 THEN 'PUBLIC'
                                     ELSE quote_ident(pg_get_userbyid(u)) END
                              FROM unnest(p.polroles) WITH ORDINALITY AS v(u, i) ORDER BY i),
               'using', pg_get_expr(p.polqual, p.polrelid),
               'check', pg_get_expr(p.polwithcheck, p.polrelid),
               'comment', obj_description(p.oid, 'pg_policy')))
    FROM yesterday.schema_object r
    JOIN pg_policy p ON p.polrelid = r.objid
    WHERE r.deployment = $1 AND r.phase = $2 AND r.classid = 'pg_class'::regclass;

    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, schema_name, object_name, identity, parent,
         owner, definition)
    SELECT $1, $2, 'pg_statistic_ext'::regclass, s.oid, 'statistics', n.nspname, s.stxname,
           format('%I.%I', n.nspname, s.stxname), r.objid, pg_get_userbyid(s.stxowner),
           jsonb_strip_nulls(jsonb_build_object(
               'create', pg_get_statisticsobjdef(s.oid),
               'target', NULLIF(s.stxstattarget, -1),
               'comment', obj_description(s.oid, 'pg_statistic_ext')))
    FROM yesterday.schema_object r
    JOIN pg_statistic_ext s ON s.stxrelid = r.objid
    JOIN pg_namespace n ON n.oid = s.stxnamespace
    WHERE r.deployment = $1 AND r.phase = $2 AND r.classid = 'pg_class'::regclass;
END
$function$;
COMMENT ON FUNCTION yesterday._image_table_parts(bigint, text) IS 'internal: indexes, constraints, triggers, rules, policies and statistics of a schema image';
REVOKE ALL ON FUNCTION yesterday._image_table_parts(bigint, text) FROM PUBLIC;

