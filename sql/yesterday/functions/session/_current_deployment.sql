-- Says which deployment the transaction belongs to.
CREATE FUNCTION yesterday._current_deployment()
RETURNS bigint
AS 'MODULE_PATHNAME', 'yd_current_deployment_sql'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._current_deployment() IS
    'the deployment of the current transaction, or NULL; joins it where a setting or role says so';
REVOKE ALL ON FUNCTION yesterday._current_deployment() FROM PUBLIC;

