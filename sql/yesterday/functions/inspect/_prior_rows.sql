-- The rows of a table, or of a partition of it, as they were before a deployment, as rows of
-- the table; key_columns NULL when nothing has touched them since. The rights are the caller's, who must be allowed to see all rows of the
-- table; what reads it and makes values of its types runs as its owner.
CREATE FUNCTION yesterday._prior_rows("table" anyelement, relation oid, key_columns name[], since bigint)
RETURNS SETOF anyelement
AS 'MODULE_PATHNAME', 'yd_prior_rows'
LANGUAGE C STABLE;
COMMENT ON FUNCTION yesterday._prior_rows(anyelement, oid, name[], bigint) IS
    'rows of a table as they were before a deployment';
REVOKE ALL ON FUNCTION yesterday._prior_rows(anyelement, oid, name[], bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._prior_rows(anyelement, oid, name[], bigint) TO yesterday_viewer;

