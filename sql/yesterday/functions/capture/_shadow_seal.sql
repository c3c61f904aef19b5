-- A hash of the contents of a shadow table, in any order; NULL where it is gone.
CREATE FUNCTION yesterday._shadow_seal(shadow name)
RETURNS bigint
AS 'MODULE_PATHNAME', 'yd_shadow_seal'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._shadow_seal(name) IS 'internal: hash of the contents of a shadow table';
REVOKE ALL ON FUNCTION yesterday._shadow_seal(name) FROM PUBLIC;

