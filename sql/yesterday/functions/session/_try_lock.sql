-- Polls instead of queueing, so that nobody queues behind it.
CREATE FUNCTION yesterday._try_lock(object bigint)
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_try_lock'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._try_lock(bigint) IS
    'exclusive lock on the target (0) or a deployment (its id), within yesterday.lock_wait; false when not to be had';
REVOKE ALL ON FUNCTION yesterday._try_lock(bigint) FROM PUBLIC;

