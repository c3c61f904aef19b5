-- Runs one command as the role that owns its object, under
-- SECURITY_RESTRICTED_OPERATION, a pinned search_path and pinned settings.
-- Code of users that the command reaches gets that role's rights and no more.
--   alone   the role has been given something for this command: code that it reaches may run no command of its own
CREATE FUNCTION yesterday._execute_as(owner name, command text, alone boolean DEFAULT false)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_execute_as_sql'
LANGUAGE C STRICT VOLATILE;

COMMENT ON FUNCTION yesterday._execute_as(name, text, boolean) IS
    'internal: runs one command as the owner of its object';
REVOKE ALL ON FUNCTION yesterday._execute_as(name, text, boolean) FROM PUBLIC;
