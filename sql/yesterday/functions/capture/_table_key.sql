-- How the rows of a table are told apart: primary key, else a unique NOT NULL index, else
-- the whole row.
CREATE FUNCTION yesterday._table_key(relation oid, OUT key_kind text, OUT key_columns name[])
RETURNS record
AS 'MODULE_PATHNAME', 'yd_table_key'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION yesterday._table_key(oid) IS 'how the rows of a table are told apart';
REVOKE ALL ON FUNCTION yesterday._table_key(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._table_key(oid) TO yesterday_viewer;

