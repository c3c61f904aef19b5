-- The commands that end "code pending", for messages and for the status.
CREATE FUNCTION yesterday._end_code_pending(generation bigint)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN format('yesterday reconcile (in a shell); or, once the code has been switched by hand: SELECT yesterday.confirm_artifacts(%s, ''who switched it'');', generation);
COMMENT ON FUNCTION yesterday._end_code_pending(bigint) IS 'the commands that end "code pending"';
REVOKE ALL ON FUNCTION yesterday._end_code_pending(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._end_code_pending(bigint) TO yesterday_viewer;

