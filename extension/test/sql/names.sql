-- Names of 63 bytes, with quotes, spaces, dots, percent signs, backslashes and other alphabets.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\set s '"sch ema.with \\ ""quotes"" and ''apostrophes'' %I $1 ::text äöü日本語 .."'
\set t '"ta.ble ""x"" ''y'' \\ %s {} [] -- /* ; 表 tab	le 0123456789012345678"'
\set c1 '"key ""1"" .a'' \\ %L 0123456789012345678901234567890123456789012"'
\set c2 '"select"'
\set c3 '"naïve €uro \'\' column"'
\set c4 '"op"'
\set c5 '"xid"'
SET client_min_messages = warning;
CREATE SCHEMA :s;
CREATE TABLE :s.:t (:c1 int, :c2 text, :c3 text UNIQUE, :c4 text, :c5 bigint, "c1" int, "c7" text, "Key" int, PRIMARY KEY (:c1, :c2));
INSERT INTO :s.:t SELECT i, 'two ' || i, 'three' || i, 'four', i, i, 'seven', i FROM generate_series(1, 30) i;
CREATE TABLE "w" (w int PRIMARY KEY, t text, "table" text, "deployment" int, "r" int, "i" int, "s" int, "old" int, "new" int);
INSERT INTO "w" SELECT i, 't' || i FROM generate_series(1, 30) i;
SELECT octet_length(relname), octet_length(nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname LIKE 'ta.ble%' AND relkind = 'r';
SELECT yesterday.track(c.oid) FROM pg_class c WHERE relname LIKE 'ta.ble%' AND relkind = 'r';
SELECT yesterday.track('w');
:begin
UPDATE :s.:t SET :c3 = :c3 || '!' WHERE :c1 < 10;
UPDATE :s.:t SET :c1 = -:c1 WHERE :c1 > 20;
DELETE FROM :s.:t WHERE :c1 BETWEEN 12 AND 14;
INSERT INTO :s.:t (:c1, :c2) VALUES (100, 'x');
UPDATE "w" SET t = 'changed', "table" = 'x', "deployment" = 1, r = 1, i = 2, s = 3 WHERE w < 10;
DELETE FROM "w" WHERE w > 20;
INSERT INTO "w" (w) VALUES (100);
:finish
SELECT DISTINCT table_name, change, column_name FROM yesterday.diff('1') ORDER BY 1, 2, 3;
SELECT subject, outcome, rows FROM rollback_preview();
:roll_back
:begin
TRUNCATE :s.:t;
:finish
:roll_back
-- a manifest that names them, and the track rule that means them
SELECT yesterday.untrack('w');
SELECT yesterday.track_like('sch ema.with%', 'ta.ble%');
CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_deployment('manifest', jsonb_build_object('tables', jsonb_build_object(
    (SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname LIKE 'ta.ble%' AND relkind = 'r'),
    jsonb_build_object('operations', '["delete"]'::jsonb))));
DELETE FROM :s.:t WHERE :c1 < 5;
:finish
:roll_back
-- renamed by the deployment
:begin
ALTER TABLE :s.:t RENAME TO "t";
UPDATE :s."t" SET "c1" = 7 WHERE "c1" < 10;
:finish
:roll_back
:begin
ALTER SCHEMA :s RENAME TO "plain";
UPDATE "plain".:t SET "c1" = 7 WHERE "c1" < 10;
:finish
:roll_back
:begin
ALTER TABLE :s.:t RENAME :c1 TO "k";
UPDATE :s.:t SET k = k + 1000;
:finish
:roll_back
SELECT state, key_columns FROM yesterday.tracked;
