-- The library is loaded in sessions that preload it, whether or not the extension is in their database.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\c - postgres
DROP EXTENSION yesterday;
\c - postgres
LOAD 'yesterday';
SET yesterday.deployment = '7';
CREATE TABLE plain (id int PRIMARY KEY);
INSERT INTO plain VALUES (1);
TRUNCATE plain;
CLUSTER plain USING plain_pkey;
VACUUM FULL plain;
COMMENT ON TABLE plain IS 'plain';
GRANT SELECT ON plain TO regress_author;
ALTER TABLE plain RENAME TO plainer;
RESET yesterday.deployment;
CREATE EXTENSION yesterday;
INSERT INTO plainer VALUES (2);
SELECT yesterday.track('plainer');
DROP EXTENSION yesterday CASCADE;
INSERT INTO plainer VALUES (3);
TRUNCATE plainer;
DROP TABLE plainer;
CREATE EXTENSION yesterday;
SELECT state FROM yesterday.status;
