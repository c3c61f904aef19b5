-- The proof of a deployment in open scope while others write the same tables: what they wrote is
-- taken into account row by row, so that the proof is a full one.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TYPE kind AS ENUM ('a', 'b');
CREATE TABLE m (id int PRIMARY KEY, v text UNIQUE, k kind DEFAULT 'a', twice text GENERATED ALWAYS AS (v || v) STORED);
INSERT INTO m (id, v) SELECT n, 'v' || n FROM generate_series(1, 30) n;
CREATE TABLE by_kind (k kind, n numeric, v text, PRIMARY KEY (k, n));
INSERT INTO by_kind SELECT CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END::kind, n, 'v' FROM generate_series(1, 10) n;
CREATE TABLE nk (v text, n int);
INSERT INTO nk SELECT 'v' || n % 3, n % 2 FROM generate_series(1, 20) n;
CREATE TABLE large (id int PRIMARY KEY);
INSERT INTO large SELECT generate_series(1, 10);
SELECT yesterday.track('m'), yesterday.track('by_kind'), yesterday.track('nk'), yesterday.track('large');
\set finish 'SELECT subject, outcome, rows, regexp_replace(detail, ''^rollback rehearsed.*? objects'', ''rehearsed'') AS detail FROM yesterday.finish_deployment(:id) WHERE outcome <> ''restored'' AND outcome <> ''removed''; SELECT proof FROM yesterday.history WHERE id = :id;'
-- before, between and after the members
SELECT yesterday.begin_deployment('between', scope => 'open') AS id \gset
UPDATE m SET v = 'outside before' WHERE id = 1;
\c - regress_author
SET yesterday.deployment = :id;
UPDATE m SET v = 'member' || id WHERE id IN (2, 3, 4);
UPDATE by_kind SET v = 'member' WHERE n < 4;
DELETE FROM nk WHERE v = 'v1';
\c - regress_author
UPDATE m SET v = 'outside' || id WHERE id IN (10, 11);
UPDATE m SET v = 'outside, over a member' WHERE id = 3;
DELETE FROM m WHERE id IN (12, 4);
INSERT INTO m (id, v) VALUES (100, 'outside'), (101, 'outside') ON CONFLICT DO NOTHING;
INSERT INTO m (id, v) VALUES (102, 'outside 102'), (103, 'outside 103');
UPDATE m SET id = 113 WHERE id = 13;
UPDATE m SET id = 202, v = 'moved' WHERE id = 2;
UPDATE by_kind SET v = 'outside', k = 'b' WHERE n = 6;
INSERT INTO nk VALUES ('v1', 0), ('outside', 1);
DELETE FROM nk WHERE v = 'v2' AND n = 1;
BEGIN;
DELETE FROM m;
ROLLBACK;
BEGIN;
SAVEPOINT s;
UPDATE m SET v = v || 'x' WHERE id > 5;
ROLLBACK TO s;
UPDATE m SET v = 'outside 14' WHERE id = 14;
COMMIT;
\c - regress_author
SET yesterday.deployment = :id;
UPDATE m SET v = 'member after outsider' || id WHERE id IN (10, 102);
INSERT INTO m (id, v) VALUES (12, 'member again'), (300, 'member');
DELETE FROM m WHERE id = 14;
\c - regress_author
UPDATE m SET v = 'outside, at last' || id WHERE id IN (300, 11, 20);
:finish
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM m WHERE v <> 'v' || id ORDER BY id;
SELECT * FROM by_kind WHERE v <> 'v' OR n = 3 ORDER BY n;
SELECT * FROM nk EXCEPT ALL SELECT 'v' || n % 3, n % 2 FROM generate_series(1, 20) n;
CALL oracle.clear();
-- too much to be noted, and a key that is another one for its bytes only
SELECT yesterday.begin_deployment('much', scope => 'open') AS id \gset
\c - regress_author
SET yesterday.deployment = :id;
INSERT INTO large VALUES (-1);
UPDATE by_kind SET v = 'member' WHERE n < 4;
UPDATE m SET v = 'member' WHERE id = 5;
\c - regress_author
INSERT INTO large SELECT generate_series(1000, 12000);
DELETE FROM m WHERE id = 5;
UPDATE by_kind SET n = 3.0 WHERE n = 3;
:finish
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM m WHERE id = 5;
CALL oracle.clear();
-- too much to be noted, and undone again: the table can be compared; what a savepoint has kept is as much as ever
\c - postgres
CREATE FUNCTION written_as_a_whole(bigint) RETURNS SETOF regclass LANGUAGE sql SECURITY DEFINER AS
    'SELECT w.relid::regclass FROM yesterday.outside_write w WHERE w.deployment = $1 ORDER BY w.relid::regclass::text';
\c - regress_author
SELECT yesterday.begin_deployment('savepoints', scope => 'open') AS id \gset
\c - regress_author
SET yesterday.deployment = :id;
UPDATE m SET v = 'member' WHERE id = 9;
INSERT INTO large VALUES (-2);
\c - regress_author
BEGIN;
SAVEPOINT s;
INSERT INTO large SELECT generate_series(20000, 31000);
SELECT relation FROM written_as_a_whole(:id) relation;
ROLLBACK TO s;
SELECT relation FROM written_as_a_whole(:id) relation;
SAVEPOINT t;
SAVEPOINT u;
UPDATE m SET v = v || 'x' WHERE id > 20;
TRUNCATE nk;
RELEASE u;
SELECT relation FROM written_as_a_whole(:id) relation;
ROLLBACK TO t;
SELECT relation FROM written_as_a_whole(:id) relation;
SAVEPOINT t;
TRUNCATE nk;
RELEASE t;
COMMIT;
SELECT relation FROM written_as_a_whole(:id) relation;
:finish
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM m WHERE id = 9;
CALL oracle.clear();
-- who writes beside it does not hide what passed by the capture
SELECT yesterday.begin_deployment('forged', scope => 'open') AS id \gset
\c - regress_author
SET yesterday.deployment = :id;
UPDATE m SET v = 'member' || id WHERE id IN (6, 7);
\c - postgres
SELECT shadow_name AS shadow FROM yesterday.captured_table WHERE deployment = :id AND table_name = 'm' \gset
UPDATE yesterday_shadow.:"shadow" SET c2 = 'forged' WHERE c1 = 6;
UPDATE m SET v = 'outside 8' WHERE id = 8;
SELECT x ~ '^YD015' AS found FROM oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id)) x LIMIT 1;
