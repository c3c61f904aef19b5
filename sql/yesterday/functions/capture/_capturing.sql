-- The WHEN condition of the capture triggers. Within a deployment it takes the row at once, while
-- the processor still has it in its cache, and no event is queued; without one there is nothing
-- to take. Everybody who writes a tracked table evaluates it, so everybody may execute it: it
-- looks for itself whether it stands in a trigger of ours.
CREATE FUNCTION yesterday._capturing(refuse boolean, old_place tid, new_place tid)
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_capturing'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._capturing(boolean, tid, tid) IS
    'WHEN condition of the capture triggers: captures the row, or says that the trigger has to see it';
REVOKE ALL ON FUNCTION yesterday._capturing(boolean, tid, tid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._capturing(boolean, tid, tid) TO PUBLIC;
