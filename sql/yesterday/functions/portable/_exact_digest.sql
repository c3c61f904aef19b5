-- SHA-256 of the inverse document, which is never in memory as a whole.
CREATE FUNCTION yesterday._exact_digest(deployment bigint)
RETURNS text
AS 'MODULE_PATHNAME', 'yd_exact_digest'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._exact_digest(bigint) IS 'SHA-256 of the inverse document of a deployment';
REVOKE ALL ON FUNCTION yesterday._exact_digest(bigint) FROM PUBLIC;

