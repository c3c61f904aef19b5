-- Tells the two scopes apart.
CREATE FUNCTION yesterday._in_transaction_scope()
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_in_transaction_scope_sql'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._in_transaction_scope() IS
    'true when the transaction is itself the deployment';
REVOKE ALL ON FUNCTION yesterday._in_transaction_scope() FROM PUBLIC;

