-- yesterday._refuse_unknown(deployment): what the ledger names and no image explains has no inverse, and is refused by
-- name: kinds of objects that Yesterday does not know or that reach beyond the database, members of extensions, objects
-- of the system. Nothing that a deployment did may be overlooked because nobody thought of it.
CREATE FUNCTION yesterday._refuse_unknown(deployment bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday.ddl_entry e WHERE e.deployment = $1) THEN
        RETURN;
    END IF;
    INSERT INTO yesterday.ddl_refusal (deployment, kind, identity, reason)
    WITH entry AS MATERIALIZED (
        SELECT DISTINCT e.event, e.object_type, e.identity, e.classid, e.objid, e.tag IN ('GRANT', 'REVOKE') AS granted
        FROM yesterday.ddl_entry e
        WHERE e.deployment = $1 AND e.member AND e.object_type <> 'outside the database'
    ), kept AS (
        -- extensions that were there before: what happens to the members of a new one goes with it
        SELECT o.objid, o.identity FROM yesterday.schema_object o
        WHERE o.deployment = $1 AND o.phase = 'before' AND o.kind = 'extension'
    ), found AS (
        SELECT e.object_type AS kind, e.identity,
               CASE WHEN e.object_type = 'subscription' THEN 'a subscription has its other half on another server, where no rollback reaches'
                    WHEN e.object_type = 'large object' THEN 'large objects are written by functions, which show nobody what was there before'
                    WHEN e.object_type = 'contents of an extension' THEN 'objects were added to it or taken out of it'
                    WHEN e.object_type = 'system catalog' THEN 'it was written, and Yesterday does not know what for'
                    ELSE 'Yesterday does not know this kind of object' END AS reason
        FROM entry e
        WHERE e.object_type IN ('subscription', 'large object', 'contents of an extension', 'system catalog')
           OR e.classid IN (SELECT c FROM yesterday._unexplained_catalogs() c)
           OR e.classid IN ('pg_subscription'::regclass, 'pg_tablespace'::regclass, 'pg_authid'::regclass)
        UNION
        SELECT e.object_type, e.identity, format('it belongs to extension %s, whose scripts alone make it', x.identity)
        FROM entry e
        JOIN LATERAL (
            SELECT d.refobjid FROM pg_depend d
            WHERE d.deptype = 'e' AND d.classid = e.classid AND d.objid = e.objid
            UNION ALL
            -- a part of a table of an extension
            SELECT d.refobjid FROM pg_depend p
            JOIN pg_depend d ON d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND d.objid = p.refobjid
            WHERE p.classid = e.classid AND p.objid = e.objid AND p.refclassid = 'pg_class'::regclass AND p.deptype IN ('a', 'i')
        ) m ON true
        JOIN kept x ON x.objid = m.refobjid
        WHERE e.event = 'command' AND e.object_type <> 'extension'
          -- privileges the image tells of, but for those on columns
          AND NOT (e.granted AND NOT EXISTS (SELECT FROM pg_attribute a WHERE e.classid = 'pg_class'::regclass AND a.attrelid = e.objid AND a.attacl IS NOT NULL))
        UNION
        SELECT e.object_type, e.identity, 'it belongs to the system'
        FROM entry e
        CROSS JOIN LATERAL (SELECT (pg_identify_object(e.classid, e.objid, 0)).schema AS name) s
        WHERE e.event = 'command' AND e.classid NOT IN ('pg_database'::regclass, 'pg_largeobject'::regclass)
          AND (s.name ~ '^pg_(?!temp|toast)' OR s.name = 'information_schema'
               OR (s.name IS NULL AND e.objid < 16384
                   AND NOT EXISTS (SELECT FROM yesterday.schema_object o
                                   WHERE o.deployment = $1 AND o.phase IN ('before', 'after') AND o.classid = e.classid AND o.objid = e.objid)
                   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e' AND d.classid = e.classid AND d.objid = e.objid)))
        UNION
        -- tables of an extension that was dropped: CREATE EXTENSION makes them, but not their rows
        SELECT e.object_type, e.identity, 'it belonged to an extension that was dropped, and its rows were not saved'
        FROM entry e
        WHERE e.event = 'drop' AND e.classid = 'pg_class'::regclass AND e.object_type IN ('table', 'sequence')
          AND EXISTS (SELECT FROM kept x WHERE NOT EXISTS (
                      SELECT FROM yesterday.schema_object a
                      WHERE a.deployment = $1 AND a.phase = 'after' AND a.kind = 'extension' AND a.objid = x.objid))
          AND NOT EXISTS (SELECT FROM yesterday.schema_object o
                          WHERE o.deployment = $1 AND o.phase = 'before' AND o.classid = e.classid AND o.objid = e.objid)
          AND NOT EXISTS (SELECT FROM yesterday.schema_object o, jsonb_array_elements(o.definition -> 'columns') c
                          WHERE o.deployment = $1 AND o.phase = 'before' AND o.kind = 'table'
                            AND c #>> '{identity,sequence}' = e.identity)
          AND NOT EXISTS (SELECT FROM entry n WHERE n.event = 'command' AND n.classid = e.classid AND n.objid = e.objid)
    )
    SELECT DISTINCT $1, f.kind, f.identity, f.reason FROM found f
    WHERE NOT EXISTS (SELECT FROM yesterday.ddl_refusal r
                      WHERE r.deployment = $1 AND r.kind = f.kind AND r.identity = f.identity);
END
$function$;
COMMENT ON FUNCTION yesterday._refuse_unknown(bigint) IS 'internal: refuses what the ledger names and no image explains';
REVOKE ALL ON FUNCTION yesterday._refuse_unknown(bigint) FROM PUBLIC;

-- yesterday._unexplained_catalogs(): catalogs of the server of which no schema image tells: a list of those that it does
-- tell of, so that a catalog which a future server brings is unexplained until somebody thought about it.
CREATE FUNCTION yesterday._unexplained_catalogs() RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.oid FROM pg_class c
    WHERE c.oid < 16384 AND c.relkind = 'r' AND c.relnamespace = 'pg_catalog'::regnamespace
      AND NOT (c.relname IN (SELECT r.name FROM yesterday._rare_catalogs() r) OR c.relname = ANY (ARRAY[
          'pg_class', 'pg_attribute', 'pg_attrdef', 'pg_constraint', 'pg_index', 'pg_inherits', 'pg_sequence', 'pg_partitioned_table',
          'pg_foreign_table', 'pg_trigger', 'pg_rewrite', 'pg_policy', 'pg_statistic_ext', 'pg_proc', 'pg_aggregate', 'pg_type', 'pg_enum',
          'pg_range', 'pg_namespace', 'pg_extension', 'pg_default_acl', 'pg_amop', 'pg_amproc', 'pg_ts_config_map', 'pg_depend',
          'pg_description', 'pg_init_privs', 'pg_seclabel',
          -- what ANALYZE writes is no definition
          'pg_statistic', 'pg_statistic_ext_data',
          -- shared with other databases: what is of this one the images tell, the rest is reported
          'pg_database', 'pg_db_role_setting', 'pg_shdepend', 'pg_shdescription', 'pg_shseclabel', 'pg_authid', 'pg_auth_members',
          'pg_tablespace', 'pg_parameter_acl',
          -- refused by name
          'pg_subscription', 'pg_subscription_rel']::name[]))
$function$;
COMMENT ON FUNCTION yesterday._unexplained_catalogs() IS 'internal: catalogs that no schema image explains';
REVOKE ALL ON FUNCTION yesterday._unexplained_catalogs() FROM PUBLIC;

-- yesterday._enter_catalog_write(deployment, catalog): enters in the ledger that a member wrote such a catalog; large
-- objects by name as far as they are there.
CREATE FUNCTION yesterday._enter_catalog_write(deployment bigint, catalog oid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.ddl_entry (deployment, xid, member, event, tag, object_type, identity)
    SELECT $1, pg_current_xact_id(), true, 'command', 'written',
           CASE WHEN c.relname LIKE 'pg\_largeobject%' THEN 'large object' ELSE 'system catalog' END,
           CASE WHEN c.relname LIKE 'pg\_largeobject%' THEN coalesce(
                    (SELECT string_agg(l.oid::text, ', ')
                     FROM (SELECT m.oid FROM pg_largeobject_metadata m WHERE yesterday._is_own_xid(m.xmin) ORDER BY m.oid LIMIT 5) l),
                    'written or removed') ELSE c.relname END
    FROM pg_class c WHERE c.oid = $2
$function$;
COMMENT ON FUNCTION yesterday._enter_catalog_write(bigint, oid) IS 'internal: enters that a member wrote a catalog which no image explains';
REVOKE ALL ON FUNCTION yesterday._enter_catalog_write(bigint, oid) FROM PUBLIC;

-- yesterday._note_catalog_writes(): enters such writes of a deployment in one transaction, before it finishes.
CREATE FUNCTION yesterday._note_catalog_writes() RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'yd_note_catalog_writes';
COMMENT ON FUNCTION yesterday._note_catalog_writes() IS 'internal: enters catalogs written in this transaction';
REVOKE ALL ON FUNCTION yesterday._note_catalog_writes() FROM PUBLIC;
