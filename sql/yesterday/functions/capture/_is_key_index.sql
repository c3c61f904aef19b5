-- Does an index tell all rows of its table apart: unique, whole, over NOT NULL columns, compared as everybody compares them?
CREATE FUNCTION yesterday._is_key_index(index oid) RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_is_key_index'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION yesterday._is_key_index(oid) IS 'internal: whether an index tells all rows of its table apart';
REVOKE ALL ON FUNCTION yesterday._is_key_index(oid) FROM PUBLIC;
