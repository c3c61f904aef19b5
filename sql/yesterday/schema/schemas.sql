-- Our tables have no foreign keys among one another: pg_restore -j loads the data of an
-- extension's tables in any order, and with the constraints in place already.
--
-- Plain CREATE SCHEMA: a schema of that name that somebody else made is an error.
CREATE SCHEMA yesterday;
COMMENT ON SCHEMA yesterday IS 'Yesterday: capture, proof and rollback of deployments';
CREATE SCHEMA yesterday_shadow;
COMMENT ON SCHEMA yesterday_shadow IS 'Yesterday: shadow tables, which hold the prior images of deployments';
GRANT USAGE ON SCHEMA yesterday TO yesterday_viewer;

