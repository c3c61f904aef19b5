-- A name in double quotes, whatever it is: no reserved word of anybody stands in the way.
CREATE FUNCTION yesterday._quoted(identifier name)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN '"' || replace(identifier::text, '"', '""') || '"';
COMMENT ON FUNCTION yesterday._quoted(name) IS 'a name in double quotes';
REVOKE ALL ON FUNCTION yesterday._quoted(name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._quoted(name) TO yesterday_viewer;
