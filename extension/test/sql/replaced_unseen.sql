-- Open scope: tables that are not tracked are emptied in sessions of all kinds. What a session
-- does that has not loaded the library no trigger shows; the table's file does.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
INSERT INTO m SELECT i, 'v' || i FROM generate_series(1, 5) i;
CREATE TABLE business (id int PRIMARY KEY, v text);
INSERT INTO business SELECT i, 'v' || i FROM generate_series(1, 5) i;
CREATE TABLE staging (id int);
INSERT INTO staging VALUES (1);
SELECT yesterday.track('m');
-- a member that has not loaded the library
SELECT yesterday.begin_deployment('unseen', scope => 'open') AS id \gset
\c - regress_author
SET yesterday.deployment = :id;
TRUNCATE business;
-- its DDL does not hide it
SELECT oracle.refusal('ALTER TABLE business ALTER COLUMN id TYPE bigint');
\c - regress_author
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
SELECT subject, outcome, detail FROM yesterday.abandon_deployment(:id);
INSERT INTO business SELECT i, 'v' || i FROM generate_series(1, 5) i;
-- accepted as irreversible, it is said ever after
SELECT yesterday.begin_deployment('accepted', scope => 'open', accept_irreversible => true) AS id \gset
\c - regress_author
SET yesterday.deployment = :id;
TRUNCATE business;
\c - regress_author
SELECT subject, outcome, detail FROM yesterday.finish_deployment(:id) OFFSET 1;
SELECT subject, outcome, detail FROM rollback_last() OFFSET 1;
SELECT yesterday.clear_freeze('test');
INSERT INTO business SELECT i, 'v' || i FROM generate_series(1, 5) i;
-- members and others that have loaded it
CALL oracle.remember();
SELECT yesterday.begin_deployment('seen', scope => 'open') AS id \gset
UPDATE m SET v = v WHERE id = 1;
TRUNCATE staging;
INSERT INTO staging VALUES (2);
\c - regress_author
SET yesterday.deployment = :id;
UPDATE m SET v = 'deployed' WHERE id = 2;
UPDATE business SET v = 'by the deployment, before' WHERE id = 5;
TRUNCATE business;
INSERT INTO business VALUES (1, 'deployed'), (10, 'deployed');
UPDATE business SET v = 'deployed twice' WHERE id = 10;
ALTER TABLE business SET (fillfactor = 50), ADD COLUMN w float DEFAULT 1 + 0 * random();
RESET yesterday.deployment;
\c - regress_author
-- business goes on
INSERT INTO business VALUES (2, 'business'), (20, 'business');
UPDATE business SET v = 'changed by business' WHERE id = 1;
\c - regress_author
SET yesterday.deployment = :id;
UPDATE m SET v = 'deployed' WHERE id = 3;
UPDATE business SET v = 'business, then the deployment' WHERE id = 20;
RESET yesterday.deployment;
\c - regress_author
SELECT subject, outcome, rows, detail FROM yesterday.finish_deployment(:id) OFFSET 1;
SELECT subject, outcome, rows, detail FROM rollback_last() OFFSET 1;
SELECT * FROM oracle.difference();
SELECT kind, row_key, row_data, detail FROM yesterday.attic ORDER BY id;
