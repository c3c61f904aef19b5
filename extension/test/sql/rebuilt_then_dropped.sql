-- A table that one deployment made and a later one had rebuilt by its rollback is another object
-- by then: the rollback of the first finds it by its name.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE s (id int PRIMARY KEY);
SELECT yesterday.track('s');
BEGIN;
SELECT yesterday.begin_deployment('one') > 0 AS begun;
CREATE TABLE made (id int PRIMARY KEY, a text, b text, c text);
INSERT INTO made VALUES (1, 'a', 'b', 'c');
CREATE INDEX ON made (c);
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('two') > 0 AS begun;
ALTER TABLE made DROP COLUMN b;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT * FROM made;
SELECT outcome FROM rollback_last('one') LIMIT 1;
SELECT to_regclass('made') IS NULL AS gone;
