-- Sends a relation cache invalidation for yesterday.deployment.
CREATE FUNCTION yesterday._invalidate()
RETURNS void
AS 'MODULE_PATHNAME', 'yd_invalidate'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._invalidate() IS
    'tells every backend at commit that the open deployment changed';
REVOKE ALL ON FUNCTION yesterday._invalidate() FROM PUBLIC;

