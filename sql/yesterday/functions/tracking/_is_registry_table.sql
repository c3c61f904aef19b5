-- The registry of a train may live in this database: its tables are no metadata, and no rollback touches them.
CREATE FUNCTION yesterday._is_registry_table(relation oid)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'yesterday_train'
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = relation AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e');
$function$;
COMMENT ON FUNCTION yesterday._is_registry_table(oid) IS 'does a table belong to the registry of a train?';
REVOKE ALL ON FUNCTION yesterday._is_registry_table(oid) FROM PUBLIC;

