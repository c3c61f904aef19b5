-- yesterday._save_rows(relation, columns, shadow, but_of): copies columns of every row, but of those that the deployment
-- but_of wrote, into a new table of yesterday_shadow; null copies all.
CREATE FUNCTION yesterday._save_rows(relation oid, columns smallint[], shadow_name name, but_of bigint DEFAULT NULL) RETURNS bigint
LANGUAGE c AS 'MODULE_PATHNAME', 'yd_save_rows';
COMMENT ON FUNCTION yesterday._save_rows(oid, smallint[], name, bigint) IS 'internal: copies rows before DDL destroys them';
REVOKE ALL ON FUNCTION yesterday._save_rows(oid, smallint[], name, bigint) FROM PUBLIC;

