-- yesterday._save_rows(relation, columns, shadow): copies columns of every row into a new table of
-- yesterday_shadow; null copies all.
CREATE FUNCTION yesterday._save_rows(relation oid, columns smallint[], shadow_name name) RETURNS bigint
LANGUAGE c AS 'MODULE_PATHNAME', 'yd_save_rows';
COMMENT ON FUNCTION yesterday._save_rows(oid, smallint[], name) IS 'internal: copies rows before DDL destroys them';
REVOKE ALL ON FUNCTION yesterday._save_rows(oid, smallint[], name) FROM PUBLIC;

