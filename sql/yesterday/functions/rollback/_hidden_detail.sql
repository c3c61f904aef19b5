-- What stands in the place of the names of rows.
CREATE FUNCTION yesterday._hidden_detail()
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN 'which ones is shown to who may read all rows of the table, and to yesterday_admin';
COMMENT ON FUNCTION yesterday._hidden_detail() IS 'what stands in the place of the names of rows';
REVOKE ALL ON FUNCTION yesterday._hidden_detail() FROM PUBLIC;
