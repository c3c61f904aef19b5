-- Compares the server's own counts of live row writes with those the triggers saw.
CREATE FUNCTION yesterday._check_counts()
RETURNS void
AS 'MODULE_PATHNAME', 'yd_check_counts'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._check_counts() IS
    'raises when this transaction wrote rows of a tracked table that the triggers did not see';
REVOKE ALL ON FUNCTION yesterday._check_counts() FROM PUBLIC;

