-- What somebody wrote into the shadow tables of a finished deployment is found before a rollback
-- brings it back.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
-- values in a shadow table changed, records swapped for others; what is only moved is as it was
CREATE TABLE sealed (id int PRIMARY KEY, v text, long text);
INSERT INTO sealed SELECT i, 'v' || i, (SELECT string_agg(md5((i * 1000 + j)::text), '') FROM generate_series(1, 300) j) FROM generate_series(1, 20) i;
CREATE TABLE sealed_biz (id int PRIMARY KEY, gone text);
INSERT INTO sealed_biz SELECT i, 'b' || i FROM generate_series(1, 20) i;
SELECT yesterday.track('sealed');
CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_deployment('sealed') AS sealed \gset
UPDATE sealed SET v = NULL WHERE id < 5;
UPDATE sealed SET long = 'short' WHERE id BETWEEN 10 AND 12;
INSERT INTO sealed VALUES (30, 'new', NULL);
ALTER TABLE sealed_biz DROP COLUMN gone;
SELECT count(*) > 0 AS finished FROM yesterday.finish_deployment();
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT max(shadow_name) FILTER (WHERE table_name = 'sealed') AS shadow FROM yesterday.captured_table WHERE deployment = :sealed \gset
SELECT max(shadow_name) AS saved FROM yesterday.saved_table WHERE deployment = :sealed \gset
\set tried 'SELECT regexp_replace(line, $$[ds]\\d+_t?\\d+$$, $$<shadow>$$) AS refusal FROM oracle.refusal($$SELECT count(*) FROM rollback_last()$$) line;'
BEGIN;
UPDATE yesterday_shadow.:shadow SET c2 = 'forged' WHERE c1 = 1;
:tried
SELECT oracle.refusal($$SELECT count(*) FROM yesterday.drill(lock_business => true)$$) LIMIT 1;
ROLLBACK;
BEGIN;
UPDATE yesterday_shadow.:shadow SET c3 = 'x' || substr(c3, 2) WHERE c1 = 11;
SELECT oracle.refusal($$SELECT count(*) FROM rollback_last()$$) LIMIT 1;
ROLLBACK;
BEGIN;
UPDATE yesterday_shadow.:shadow SET c1 = 31 WHERE op = 'I';
SELECT oracle.refusal($$SELECT count(*) FROM rollback_last()$$) LIMIT 1;
ROLLBACK;
BEGIN;
DELETE FROM yesterday_shadow.:shadow WHERE c1 = 2;
INSERT INTO yesterday_shadow.:shadow SELECT * FROM yesterday_shadow.:shadow WHERE c1 = 3;
SELECT oracle.refusal($$SELECT count(*) FROM rollback_last()$$) LIMIT 1;
ROLLBACK;
BEGIN;
UPDATE yesterday_shadow.:saved SET c2 = 'forged' WHERE c1 = 1;
SELECT oracle.refusal($$SELECT count(*) FROM rollback_last()$$) LIMIT 1;
ROLLBACK;
VACUUM FULL yesterday_shadow.:shadow;
SELECT count(*) > 0 AS drilled FROM yesterday.drill(lock_business => true);
-- an admin takes what is there
SET SESSION AUTHORIZATION regress_author;
BEGIN;
SELECT yesterday.begin_deployment('undone') IS NULL AS failed;
UPDATE sealed SET v = NULL WHERE id = 1;
SELECT count(*) > 0 AS finished FROM yesterday.finish_deployment();
COMMIT;
SELECT count(*) > 0 AS rolled_back FROM rollback_last();
CALL oracle.clear();
SELECT oracle.refusal($$SELECT yesterday.trust_images('sealed', '')$$);
SELECT oracle.refusal($$SELECT yesterday.trust_images('undone', 'why')$$);
RESET SESSION AUTHORIZATION;
UPDATE yesterday_shadow.:shadow SET c2 = 'repaired' WHERE c1 = 1;
SELECT oracle.refusal($$SELECT count(*) FROM rollback_last()$$) LIMIT 1;
SELECT yesterday.trust_images('sealed', 'the first image was wrong');
SELECT kind, deployment = :sealed AS this_one, reason FROM yesterday.events ORDER BY id DESC LIMIT 1;
SET SESSION AUTHORIZATION regress_author;
SELECT count(*) > 0 AS rolled_back FROM rollback_last();
SELECT object, verdict, left(content, 20) AS content FROM oracle.difference();
CALL oracle.clear();
