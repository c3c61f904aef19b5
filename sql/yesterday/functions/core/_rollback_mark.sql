-- The lock object that a rollback takes beside the target, so that others can tell it from a
-- deployment. No deployment has this id: the lock takes 32 bits of it.
CREATE FUNCTION yesterday._rollback_mark()
RETURNS bigint
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN 4294967295;
COMMENT ON FUNCTION yesterday._rollback_mark() IS 'lock object of a rollback under way';
REVOKE ALL ON FUNCTION yesterday._rollback_mark() FROM PUBLIC;
