-- A digest of before, with the difference that others made.
CREATE FUNCTION yesterday._digest_beside(digest text, rows bigint, sum1 bigint, sum2 bigint) RETURNS text
LANGUAGE c IMMUTABLE STRICT AS 'MODULE_PATHNAME', 'yd_digest_beside';
COMMENT ON FUNCTION yesterday._digest_beside(text, bigint, bigint, bigint) IS 'internal: a digest with what others wrote';
REVOKE ALL ON FUNCTION yesterday._digest_beside(text, bigint, bigint, bigint) FROM PUBLIC;
