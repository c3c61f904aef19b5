-- May the current user see prior rows of the table that this owner had? As in the table
-- itself: SELECT on it, and no row security that hides rows; or yesterday_admin. A table that
-- somebody else made under its name gives no right to them.
CREATE FUNCTION yesterday._may_see_rows(schema_name name, table_name name, owner name)
RETURNS boolean
LANGUAGE sql STABLE
AS $function$
    SELECT pg_catalog.pg_has_role(current_user, 'yesterday_admin', 'USAGE')
        OR EXISTS (
            SELECT FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
            WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND c.relname OPERATOR(pg_catalog.=) $2
              AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.=) $3
              AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
              AND NOT pg_catalog.row_security_active(c.oid));
$function$;
COMMENT ON FUNCTION yesterday._may_see_rows(name, name, name) IS 'may the current user see prior rows of this table?';
REVOKE ALL ON FUNCTION yesterday._may_see_rows(name, name, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._may_see_rows(name, name, name) TO yesterday_viewer;

