-- Do the commands of this moment come from our own code: a rollback, a proof, a drill?
CREATE FUNCTION yesterday._is_internal()
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_is_internal_sql'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._is_internal() IS 'is a rollback, a proof or a drill at work in this session?';
REVOKE ALL ON FUNCTION yesterday._is_internal() FROM PUBLIC;
