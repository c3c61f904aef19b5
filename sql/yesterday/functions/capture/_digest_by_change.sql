-- In transaction scope, where the rehearsal has no DDL, both digests can be taken at once.
CREATE FUNCTION yesterday._digest_by_change(captured bigint)
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_digest_by_change'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._digest_by_change(bigint) IS
    'will _digest_changed() do for this table, if no DDL is rehearsed?';
REVOKE ALL ON FUNCTION yesterday._digest_by_change(bigint) FROM PUBLIC;
