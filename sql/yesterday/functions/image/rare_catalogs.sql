-- yesterday._rare_catalogs(): the catalogs of the rarer kinds, which have an image of their own form in common, with
-- the columns that hold schema, owner and name, and those that say nothing about the definition.
CREATE FUNCTION yesterday._rare_catalogs()
RETURNS TABLE (name name, kind text, namespace name, owner name, name_column name, unstable text[])
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    VALUES
        ('pg_operator'::name, 'operator', 'oprnamespace'::name, 'oprowner'::name, 'oprname'::name, '{oid}'::text[]),
        ('pg_opclass', 'operator class', 'opcnamespace', 'opcowner', 'opcname', '{oid}'),
        ('pg_opfamily', 'operator family', 'opfnamespace', 'opfowner', 'opfname', '{oid}'),
        ('pg_collation', 'collation', 'collnamespace', 'collowner', 'collname', '{oid,collversion}'),
        ('pg_conversion', 'conversion', 'connamespace', 'conowner', 'conname', '{oid}'),
        ('pg_ts_config', 'text search configuration', 'cfgnamespace', 'cfgowner', 'cfgname', '{oid}'),
        ('pg_ts_dict', 'text search dictionary', 'dictnamespace', 'dictowner', 'dictname', '{oid}'),
        ('pg_ts_parser', 'text search parser', 'prsnamespace', NULL, 'prsname', '{oid}'),
        ('pg_ts_template', 'text search template', 'tmplnamespace', NULL, 'tmplname', '{oid}'),
        ('pg_cast', 'cast', NULL, NULL, NULL, '{oid}'),
        ('pg_language', 'language', NULL, 'lanowner', 'lanname', '{oid}'),
        ('pg_foreign_data_wrapper', 'foreign-data wrapper', NULL, 'fdwowner', 'fdwname', '{oid}'),
        ('pg_foreign_server', 'server', NULL, 'srvowner', 'srvname', '{oid}'),
        ('pg_user_mapping', 'user mapping', NULL, NULL, NULL, '{oid}'),
        ('pg_event_trigger', 'event trigger', NULL, 'evtowner', 'evtname', '{oid}'),
        ('pg_publication', 'publication', NULL, 'pubowner', 'pubname', '{oid}'),
        ('pg_publication_rel', 'publication relation', NULL, NULL, NULL, '{oid}'),
        ('pg_publication_namespace', 'publication namespace', NULL, NULL, NULL, '{oid}'),
        ('pg_transform', 'transform', NULL, NULL, NULL, '{oid}'),
        ('pg_am', 'access method', NULL, NULL, NULL, '{oid}')
$function$;
COMMENT ON FUNCTION yesterday._rare_catalogs() IS 'internal: catalogs of the rarer kinds of objects';
REVOKE ALL ON FUNCTION yesterday._rare_catalogs() FROM PUBLIC;

-- yesterday._rare_rows(catalog): objects of such a catalog with name, schema, owner, and access method where that is a
-- part of the name.
CREATE FUNCTION yesterday._rare_rows(catalog name)
RETURNS TABLE (objid oid, object_name name, schema_name name, owner name, method text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    known record;
BEGIN
    SELECT c.* INTO known FROM yesterday._rare_catalogs() c WHERE c.name = catalog AND c.name_column IS NOT NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT o.oid, o.%I, (SELECT n.nspname FROM pg_namespace n WHERE n.oid = %s), %s, '
        'coalesce(to_jsonb(o) ->> ''opcmethod'', to_jsonb(o) ->> ''opfmethod'') FROM %I o WHERE o.oid >= 16384',
        known.name_column, coalesce('o.' || quote_ident(known.namespace), '0'),
        CASE WHEN known.owner IS NULL THEN 'NULL::name' ELSE format('pg_get_userbyid(o.%I)', known.owner) END, known.name);
END
$function$;
COMMENT ON FUNCTION yesterday._rare_rows(name) IS 'internal: objects of a catalog of a rarer kind';
REVOKE ALL ON FUNCTION yesterday._rare_rows(name) FROM PUBLIC;

-- yesterday._rare_row(class, object): the one of an address; nothing for other catalogs.
CREATE FUNCTION yesterday._rare_row(classid oid, object oid, OUT object_name name, OUT method text)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT r.object_name, r.method
    FROM (SELECT c.relname FROM pg_class c WHERE c.oid = $1) k
    CROSS JOIN LATERAL yesterday._rare_rows(k.relname) r
    WHERE r.objid = $2
$function$;
COMMENT ON FUNCTION yesterday._rare_row(oid, oid) IS 'internal: name of an object of a rarer kind';
REVOKE ALL ON FUNCTION yesterday._rare_row(oid, oid) FROM PUBLIC;
