-- Materialized views that a deployment refreshed: what they had before nobody has kept, so preview and report name those that
-- stay as they are. One that the rollback makes anew has what its query gives.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE rate (id int PRIMARY KEY, v numeric);
INSERT INTO rate VALUES (1, 1.5), (2, 2.5);
CREATE MATERIALIZED VIEW total AS SELECT sum(v) AS s FROM rate;
CREATE MATERIALIZED VIEW "Top" AS SELECT max(v) AS m FROM rate;
CREATE MATERIALIZED VIEW untouched AS SELECT min(v) AS m FROM rate;
SELECT yesterday.track('rate');

BEGIN;
SELECT yesterday.begin_deployment('refreshing') > 0 AS begun;
UPDATE rate SET v = 7 WHERE id = 1;
REFRESH MATERIALIZED VIEW total;
REFRESH MATERIALIZED VIEW "Top";
DROP MATERIALIZED VIEW "Top";
CREATE MATERIALIZED VIEW "Top" AS SELECT max(v) + 1 AS m FROM rate;
REFRESH MATERIALIZED VIEW "Top";
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;

SELECT subject, outcome, detail FROM rollback_preview() WHERE outcome = 'stale';
SELECT subject, outcome, detail FROM rollback_last() WHERE outcome IN ('rolled back', 'stale');
SELECT s FROM total;
SELECT m FROM "Top";
REFRESH MATERIALIZED VIEW total;
SELECT s FROM total;
