-- Reads the control file's value.
CREATE FUNCTION yesterday._system_identifier()
RETURNS bigint
AS 'MODULE_PATHNAME', 'yd_system_identifier'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._system_identifier() IS
    'identifier of the cluster, as in pg_control_system()';
REVOKE ALL ON FUNCTION yesterday._system_identifier() FROM PUBLIC;

