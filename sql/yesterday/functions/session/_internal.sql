-- Our own writes and DDL are neither captured nor entered in the ledger.
CREATE FUNCTION yesterday._internal(is_on boolean)
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_internal'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._internal(boolean) IS
    'marks what follows as the work of the extension itself; returns what it was';
REVOKE ALL ON FUNCTION yesterday._internal(boolean) FROM PUBLIC;

