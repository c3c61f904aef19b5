-- May the current user see prior rows of the table that this owner had? As in the table
-- itself: SELECT on it or on the table that it is a partition of, and no row security that
-- hides rows; or yesterday_admin. A table that somebody else made under its name gives no right
-- to them.
CREATE FUNCTION yesterday._may_see_rows(schema_name name, table_name name, owner name)
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_may_see_rows'
LANGUAGE C STRICT STABLE;
COMMENT ON FUNCTION yesterday._may_see_rows(name, name, name) IS 'may the current user see prior rows of this table?';
REVOKE ALL ON FUNCTION yesterday._may_see_rows(name, name, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._may_see_rows(name, name, name) TO yesterday_viewer;
