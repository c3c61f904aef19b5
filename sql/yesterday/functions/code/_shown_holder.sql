-- The holder of a lease as people see it: without the mark in brackets behind its name, by which programs tell
-- whether it still lives.
CREATE FUNCTION yesterday._shown_holder(holder text)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN regexp_replace(holder, ' \[\S*\]$', '');
COMMENT ON FUNCTION yesterday._shown_holder(text) IS 'the holder of a lease, for people';
REVOKE ALL ON FUNCTION yesterday._shown_holder(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._shown_holder(text) TO yesterday_viewer;
