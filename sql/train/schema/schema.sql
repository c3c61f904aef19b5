-- Our tables have no foreign keys among one another: pg_restore -j loads the data of an
-- extension's tables in any order, and with the constraints in place already.
--
-- Plain CREATE SCHEMA: a schema of that name that somebody else made is an error.
CREATE SCHEMA train;
COMMENT ON SCHEMA train IS 'Yesterday: the registry of groups, targets, patches, freezes and realignments';
GRANT USAGE ON SCHEMA train TO yesterday_viewer;

