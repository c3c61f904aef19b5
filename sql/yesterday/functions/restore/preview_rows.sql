-- Foresees what _restore_rows() would do: takes no lock but ACCESS SHARE, writes
-- nothing and judges the state that the caller's snapshot shows.
CREATE FUNCTION yesterday._preview_rows(deployment bigint)
RETURNS TABLE (schema_name name, table_name name, outcome text, rows bigint, detail text)
AS 'MODULE_PATHNAME', 'yd_preview_rows'
LANGUAGE C STRICT STABLE;

COMMENT ON FUNCTION yesterday._preview_rows(bigint) IS
    'internal: foresees what putting back the rows of a deployment would do';
REVOKE ALL ON FUNCTION yesterday._preview_rows(bigint) FROM PUBLIC;
