-- Binds the deployment to the current transaction.
CREATE FUNCTION yesterday._enter_deployment(deployment bigint)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_enter_deployment'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._enter_deployment(bigint) IS
    'makes the current transaction the deployment (scope transaction)';
REVOKE ALL ON FUNCTION yesterday._enter_deployment(bigint) FROM PUBLIC;

