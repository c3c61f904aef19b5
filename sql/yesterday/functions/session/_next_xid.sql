-- Reads the counter.
CREATE FUNCTION yesterday._next_xid()
RETURNS xid8
AS 'MODULE_PATHNAME', 'yd_next_xid'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._next_xid() IS
    'next transaction id of the cluster, without assigning one';
REVOKE ALL ON FUNCTION yesterday._next_xid() FROM PUBLIC;

