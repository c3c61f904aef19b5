-- Raises unless the current user may see all rows of the table, as they are and as they were.
CREATE FUNCTION yesterday._require_right_to_see(relation oid)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_require_right_to_see_sql'
LANGUAGE C STRICT STABLE;
COMMENT ON FUNCTION yesterday._require_right_to_see(oid) IS 'raises unless the current user may see all rows of the table';
REVOKE ALL ON FUNCTION yesterday._require_right_to_see(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._require_right_to_see(oid) TO yesterday_viewer;
