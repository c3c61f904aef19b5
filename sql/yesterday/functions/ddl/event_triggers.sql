-- The event triggers of the ledger. They fire in every session, replication included
-- (ENABLE ALWAYS), and return at once where no deployment is open. An event trigger function
-- runs as whoever runs the DDL, under that session's search path, in which it looks up the names of a
-- command; it switches to the owner of the extension, and a pinned path, for everything else.
CREATE FUNCTION yesterday._ledger_start() RETURNS event_trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'yesterday_ledger_start';
COMMENT ON FUNCTION yesterday._ledger_start() IS 'internal: takes the schema image before the first DDL of a deployment and saves what the command destroys';
REVOKE ALL ON FUNCTION yesterday._ledger_start() FROM PUBLIC;

CREATE FUNCTION yesterday._ledger_end() RETURNS event_trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'yesterday_ledger_end';
COMMENT ON FUNCTION yesterday._ledger_end() IS 'internal: enters the objects of a DDL command in the ledger';
REVOKE ALL ON FUNCTION yesterday._ledger_end() FROM PUBLIC;

CREATE FUNCTION yesterday._ledger_drop() RETURNS event_trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'yesterday_ledger_drop';
COMMENT ON FUNCTION yesterday._ledger_drop() IS 'internal: enters dropped objects in the ledger';
REVOKE ALL ON FUNCTION yesterday._ledger_drop() FROM PUBLIC;

CREATE FUNCTION yesterday._ledger_rewrite() RETURNS event_trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'yesterday_ledger_rewrite';
COMMENT ON FUNCTION yesterday._ledger_rewrite() IS 'internal: enters that a command writes all rows of a table anew';
REVOKE ALL ON FUNCTION yesterday._ledger_rewrite() FROM PUBLIC;

CREATE EVENT TRIGGER yesterday_ledger_start ON ddl_command_start
    EXECUTE FUNCTION yesterday._ledger_start();
CREATE EVENT TRIGGER yesterday_ledger_end ON ddl_command_end
    EXECUTE FUNCTION yesterday._ledger_end();
CREATE EVENT TRIGGER yesterday_ledger_drop ON sql_drop
    EXECUTE FUNCTION yesterday._ledger_drop();
CREATE EVENT TRIGGER yesterday_ledger_rewrite ON table_rewrite
    EXECUTE FUNCTION yesterday._ledger_rewrite();
ALTER EVENT TRIGGER yesterday_ledger_start ENABLE ALWAYS;
ALTER EVENT TRIGGER yesterday_ledger_end ENABLE ALWAYS;
ALTER EVENT TRIGGER yesterday_ledger_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER yesterday_ledger_rewrite ENABLE ALWAYS;

