-- The WHEN condition of the capture triggers: without a deployment no event is queued.
-- Everybody who writes a tracked table evaluates it, so everybody may execute it.
CREATE FUNCTION yesterday._capturing(refuse boolean)
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_capturing'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._capturing(boolean) IS
    'true when a write has to be captured or refused; WHEN condition of the capture triggers';
REVOKE ALL ON FUNCTION yesterday._capturing(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._capturing(boolean) TO PUBLIC;

