-- TRUNCATE of a table that is not tracked: no copy of its rows would be kept, so it is refused.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE metadata (id int PRIMARY KEY);
INSERT INTO metadata VALUES (1), (2);
CREATE TABLE business (id int PRIMARY KEY, m int REFERENCES metadata);
INSERT INTO business VALUES (1, 1);
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
INSERT INTO parted VALUES (1);
CREATE TABLE empty (id int);
SELECT yesterday.track('metadata');
-- outside deployments it is nobody's affair
BEGIN;
TRUNCATE business;
ROLLBACK;
-- what a refusal costs nothing of
BEGIN;
SELECT yesterday.begin_deployment('one') > 0 AS begun;
SAVEPOINT s;
TRUNCATE business;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
TRUNCATE metadata CASCADE;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
TRUNCATE parted;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
TRUNCATE empty;
CREATE TEMP TABLE mine AS SELECT 1;
TRUNCATE mine;
CREATE TABLE created AS SELECT 1 AS one;
TRUNCATE created;
ROLLBACK;
SELECT count(*) FROM business;
-- a deliberate exception
BEGIN;
SELECT yesterday.begin_deployment('two', accept_irreversible => true) > 0 AS begun;
TRUNCATE business;
SELECT subject, outcome, detail FROM yesterday.finish_deployment() OFFSET 1;
COMMIT;
SELECT count(*) FROM business;
SELECT proof FROM yesterday.history;
SELECT subject, outcome FROM rollback_preview() OFFSET 1;
SELECT subject, outcome FROM rollback_last() OFFSET 1;
