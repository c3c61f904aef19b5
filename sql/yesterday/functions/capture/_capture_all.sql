-- For what takes rows away without row triggers.
CREATE FUNCTION yesterday._capture_all(tracked regclass)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_capture_all_sql'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._capture_all(regclass) IS
    'captures every row of a table that is not captured yet; the caller holds its lock';
REVOKE ALL ON FUNCTION yesterday._capture_all(regclass) FROM PUBLIC;

