-- The condition, as text, that a row of a table has the key {column: text}: for statements
-- that are built. Names every operator and type with its schema.
CREATE FUNCTION yesterday._key_match(relation oid, key_columns name[], "row" text, key text)
RETURNS text
AS 'MODULE_PATHNAME', 'yd_key_match'
LANGUAGE C STRICT STABLE;
COMMENT ON FUNCTION yesterday._key_match(oid, name[], text, text) IS
    'condition by which a row of a table is told from the others; NULL when it lacks a key column';
REVOKE ALL ON FUNCTION yesterday._key_match(oid, name[], text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._key_match(oid, name[], text, text) TO yesterday_viewer;

