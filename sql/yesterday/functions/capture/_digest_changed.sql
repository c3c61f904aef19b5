-- Rows that show both without this transaction and with it are the same bytes in the same
-- place: they are passed over. Independent of the shadow, as _digest() is.
CREATE FUNCTION yesterday._digest_changed(captured bigint, OUT before text, OUT now text)
RETURNS record
AS 'MODULE_PATHNAME', 'yd_digest_changed'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._digest_changed(bigint) IS
    'digests of the row versions that only show without this transaction, and only with it';
REVOKE ALL ON FUNCTION yesterday._digest_changed(bigint) FROM PUBLIC;
