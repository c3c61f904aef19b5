-- What the engine remembers of a row that it waited for in vain.
CREATE FUNCTION yesterday._blocking_xids()
RETURNS xid[]
AS 'MODULE_PATHNAME', 'yd_blocking_xids'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION yesterday._blocking_xids() IS
    'transactions that held the row which a rollback waited for last in vain';
REVOKE ALL ON FUNCTION yesterday._blocking_xids() FROM PUBLIC;

