-- Members must never wait for each other's shadow tables, so these are committed before the first one writes.
CREATE FUNCTION yesterday._open_shadows(deployment bigint, only_table oid DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME', 'yd_open_shadows'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._open_shadows(bigint, oid) IS
    'makes the shadow tables of a deployment in open scope; returns how many';
REVOKE ALL ON FUNCTION yesterday._open_shadows(bigint, oid) FROM PUBLIC;

