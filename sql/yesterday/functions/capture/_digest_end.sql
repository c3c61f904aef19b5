-- The snapshot would otherwise live until the transaction ends.
CREATE FUNCTION yesterday._digest_end()
RETURNS void
AS 'MODULE_PATHNAME', 'yd_digest_end'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._digest_end() IS
    'lets go of the snapshot of _digest_begin()';
REVOKE ALL ON FUNCTION yesterday._digest_end() FROM PUBLIC;

