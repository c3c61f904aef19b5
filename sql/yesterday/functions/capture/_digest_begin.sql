-- Without it, rows that others commit between two digests would look like an error.
CREATE FUNCTION yesterday._digest_begin()
RETURNS void
AS 'MODULE_PATHNAME', 'yd_digest_begin'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._digest_begin() IS
    'takes the snapshot that both digests of a proof share';
REVOKE ALL ON FUNCTION yesterday._digest_begin() FROM PUBLIC;

