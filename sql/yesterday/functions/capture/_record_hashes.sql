-- Hash of key and transaction of every record of a shadow; nothing where there is no key.
CREATE FUNCTION yesterday._record_hashes(captured bigint, OUT key_hash bigint, OUT xid xid8) RETURNS SETOF record
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'yd_record_hashes';
COMMENT ON FUNCTION yesterday._record_hashes(bigint) IS 'internal: hashes of the keys of records';
REVOKE ALL ON FUNCTION yesterday._record_hashes(bigint) FROM PUBLIC;
