-- Notes in the backend that finish_deployment() is done; ROLLBACK TO SAVEPOINT takes the note back.
CREATE FUNCTION yesterday._mark_finished()
RETURNS void
AS 'MODULE_PATHNAME', 'yd_mark_finished'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._mark_finished() IS
    'after this, tracked writes and DDL of the transaction are refused';
REVOKE ALL ON FUNCTION yesterday._mark_finished() FROM PUBLIC;

