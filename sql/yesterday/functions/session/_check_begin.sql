-- A deployment begins at the top level of a transaction that has written nothing.
CREATE FUNCTION yesterday._check_begin()
RETURNS void
AS 'MODULE_PATHNAME', 'yd_check_begin'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._check_begin() IS
    'raises unless a deployment may begin in this transaction';
REVOKE ALL ON FUNCTION yesterday._check_begin() FROM PUBLIC;

