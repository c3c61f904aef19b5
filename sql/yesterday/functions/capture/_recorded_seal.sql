-- What _shadow_seal() would give, known without reading the table; NULL where it is not known.
CREATE FUNCTION yesterday._recorded_seal(shadow name)
RETURNS bigint
AS 'MODULE_PATHNAME', 'yd_recorded_seal'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._recorded_seal(name) IS 'internal: hash of what this transaction recorded in a shadow table';
REVOKE ALL ON FUNCTION yesterday._recorded_seal(name) FROM PUBLIC;
