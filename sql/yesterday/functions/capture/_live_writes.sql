-- Reads the backend's pending statistics.
CREATE FUNCTION yesterday._live_writes(relation oid)
RETURNS bigint
AS 'MODULE_PATHNAME', 'yd_live_writes'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._live_writes(oid) IS
    'rows of a table that this transaction has written and not rolled back, as the server counts them; 0 for a table made by it';
REVOKE ALL ON FUNCTION yesterday._live_writes(oid) FROM PUBLIC;

