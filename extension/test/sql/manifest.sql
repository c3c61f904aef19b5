-- The manifest: what it names must exist, what it does not name may not be written.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int, part text, v text, PRIMARY KEY (id, part));
CREATE TABLE "Other One" (id int PRIMARY KEY, v text);
CREATE TABLE plain (id int);
CREATE VIEW a_view AS SELECT * FROM m;
INSERT INTO m SELECT i, 'p', 'v' || i FROM generate_series(1, 10) i;
INSERT INTO "Other One" SELECT i FROM generate_series(1, 10) i;
SELECT yesterday.track('m'), yesterday.track('"Other One"');
CALL oracle.remember();
SELECT yesterday.begin_deployment('x', '[]');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '"m"');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": ["m"]}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"public.nowhere": {}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"m; DROP TABLE m": {}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"a.b.c.d.e": {}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"": {}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"public.plain": {}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"public.a_view": {}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"pg_catalog.pg_class": {}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": "all"}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"keys": 5}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"keys": [{"idd": 1}]}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"operations": ["merge"]}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"tabels": {"public.m": {}}}');
\echo :LAST_ERROR_SQLSTATE

-- a table that is not declared
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {}}}');
UPDATE m SET v = 'x';
UPDATE "Other One" SET v = 'x';
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
-- a key that is not declared
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"keys": [{"id": 1, "part": "p"}, {"id": 2, "part": "p"}]}}}');
UPDATE m SET v = 'x' WHERE id IN (1, 2);
INSERT INTO m VALUES (1, 'q');
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
-- an operation that is not declared
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"operations": ["insert", "update"]}}}');
DELETE FROM m WHERE id = 1;
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"operations": ["insert"]}}}');
TRUNCATE m;
INSERT INTO m VALUES (1, 'p');
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
-- DDL that is not declared
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {}}}');
UPDATE m SET v = 'x';
ALTER TABLE m ADD w int;
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
SELECT * FROM oracle.difference();
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"rows": []}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"objects": "all"}');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', '{"objects": [1]}');
\echo :LAST_ERROR_SQLSTATE
-- a change that was taken back before finish is no write
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {}}}');
SAVEPOINT s;
UPDATE "Other One" SET v = 'x';
ROLLBACK TO s;
UPDATE m SET v = 'x' WHERE id = 1;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
ROLLBACK;
-- what is declared and not touched is a warning
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"keys": [{"id": 1, "part": "p"}], "operations": ["update"]}, "public.\"Other One\"": {}}, "objects": ["public.m", "public.n", "public.n_pkey"]}');
UPDATE m SET v = 'x' WHERE id = 1;
ALTER TABLE m ADD w int;
CREATE TABLE n (id int PRIMARY KEY);
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference();
CALL oracle.clear();
BEGIN;
SELECT yesterday.begin_deployment('x', '{"objects": "any"}');
CREATE TABLE n (id int PRIMARY KEY);
INSERT INTO n VALUES (1);
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference();
-- DDL has every row recorded before it destroys values; rows that nobody wrote are no writes
CALL oracle.clear();
ALTER TABLE m ADD gone int DEFAULT 7, ADD n int DEFAULT 1;
CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"keys": [{"id": 1, "part": "p"}], "operations": ["insert", "update"]}}, "objects": "any"}');
ALTER TABLE m DROP COLUMN gone, ADD w int, ALTER n TYPE bigint;
ALTER TABLE "Other One" DROP COLUMN v;
UPDATE m SET v = 'x', w = 1 WHERE id = 1;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- and those that somebody did write are
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"keys": [{"id": 1, "part": "p"}]}}, "objects": "any"}');
ALTER TABLE m DROP COLUMN gone;
UPDATE m SET v = 'x' WHERE id = 2;
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"keys": [{"id": 1, "part": "p"}]}}, "objects": "any"}');
ALTER TABLE m DROP COLUMN gone, ADD w int;
UPDATE m SET w = 1 WHERE id = 3;
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {"operations": ["update"]}}, "objects": "any"}');
ALTER TABLE m DROP COLUMN gone;
DELETE FROM m WHERE id = 4;
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('x', '{"tables": {"public.m": {}}, "objects": "any"}');
ALTER TABLE "Other One" DROP COLUMN v;
DELETE FROM "Other One" WHERE id = 4;
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
COMMIT;
SELECT * FROM oracle.difference();
