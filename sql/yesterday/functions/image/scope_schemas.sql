-- yesterday._scope_schemas(): the schemas whose objects a schema image holds: all but those
-- of the system, temporary ones, and those that belong to our own extensions. Asked some ten
-- times an image, so that its plan is kept.
CREATE FUNCTION yesterday._scope_schemas() RETURNS SETOF oid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN QUERY
    SELECT n.oid FROM pg_namespace n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND n.nspname NOT IN ('yesterday', 'yesterday_shadow')
      AND NOT EXISTS (SELECT FROM pg_depend d
                      JOIN pg_extension e ON e.oid = d.refobjid
                      WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid
                        AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                        AND e.extname LIKE 'yesterday%');
END
$function$;
COMMENT ON FUNCTION yesterday._scope_schemas() IS 'internal: schemas whose objects schema images hold';
REVOKE ALL ON FUNCTION yesterday._scope_schemas() FROM PUBLIC;

