-- May this role read all rows of the table: SELECT on it and no row security that hides some,
-- or yesterday_admin? A partition may be read through the table that it belongs to. For
-- functions that run as the owner of the extension; _may_see_rows() asks for the current user.
CREATE FUNCTION yesterday._may_read_rows(reader name, relation oid)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT pg_has_role(reader, 'yesterday_admin', 'USAGE') OR EXISTS (
        SELECT FROM (SELECT relation AS oid UNION SELECT a.relid FROM pg_partition_ancestors(relation::regclass) a(relid)) t
        JOIN pg_class c ON c.oid = t.oid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_roles r ON r.rolname = reader
        WHERE has_table_privilege(reader, c.oid, 'SELECT') AND has_schema_privilege(reader, n.oid, 'USAGE')
          AND NOT (c.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
                   AND (c.relforcerowsecurity OR NOT pg_has_role(reader, c.relowner, 'USAGE'))));
$function$;
COMMENT ON FUNCTION yesterday._may_read_rows(name, oid) IS 'may this role read all rows of the table';
REVOKE ALL ON FUNCTION yesterday._may_read_rows(name, oid) FROM PUBLIC;
