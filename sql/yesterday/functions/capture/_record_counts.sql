-- What the current transaction recorded of a table, when all its records are this
-- transaction's; else null, and the shadow has to be read.
--   respelled  keys were written otherwise than they had been recorded
--   repeated   one key may have several records, so the shadow has to be settled
CREATE FUNCTION yesterday._record_counts(captured bigint, respelled boolean, OUT prior bigint, OUT inserted bigint, OUT repeated boolean)
RETURNS record
AS 'MODULE_PATHNAME', 'yd_record_counts'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._record_counts(bigint, boolean) IS
    'records of a table that this transaction made, and whether a key may have several';
REVOKE ALL ON FUNCTION yesterday._record_counts(bigint, boolean) FROM PUBLIC;

