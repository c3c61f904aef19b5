-- Rows that fill their page, tables of 1,600 columns, and values that take more room as text: a record
-- needs more room than its row, and has it.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE full_row (id int PRIMARY KEY, a text, b text); ALTER TABLE full_row ALTER a SET STORAGE PLAIN, ALTER b SET STORAGE PLAIN;
INSERT INTO full_row VALUES (1, repeat('x', 4000), repeat('y', 4080)), (2, 'short', 'short');
DO $$ BEGIN
EXECUTE 'CREATE TABLE fixed (id int PRIMARY KEY' || (SELECT string_agg(format(', c%s uuid', i), '' ORDER BY i) FROM generate_series(1, 507) i) || ')';
EXECUTE 'INSERT INTO fixed SELECT i' || (SELECT string_agg(', gen_random_uuid()', '') FROM generate_series(1, 507)) || ' FROM generate_series(1,3) i';
CREATE TYPE label AS ENUM ('a_long_label_of_an_enumerated_type_of_more_than_40_bytes', 'b_long_label_of_an_enumerated_type_of_more_than_40_bytes');
EXECUTE 'CREATE TABLE enums (id int PRIMARY KEY' || (SELECT string_agg(format(', c%s label', i), '' ORDER BY i) FROM generate_series(1, 1500) i) || ')';
EXECUTE 'INSERT INTO enums SELECT i' || (SELECT string_agg(', ''a_long_label_of_an_enumerated_type_of_more_than_40_bytes''', '') FROM generate_series(1, 1500)) || ' FROM generate_series(1,3) i';
EXECUTE 'CREATE TABLE most (id int PRIMARY KEY' || (SELECT string_agg(format(', c%s bool', i), '' ORDER BY i) FROM generate_series(1, 1599) i) || ')';
EXECUTE 'INSERT INTO most (id, c1, c1599) SELECT i, true, false FROM generate_series(1,5) i';
EXECUTE 'CREATE TABLE most_row (' || (SELECT string_agg(format('c%s bool', i), ', ' ORDER BY i) FROM generate_series(1, 1600) i) || ')';
EXECUTE 'INSERT INTO most_row (c1, c1600) SELECT true, i % 2 = 0 FROM generate_series(1,6) i';
EXECUTE 'CREATE TABLE toasted (id int PRIMARY KEY' || (SELECT string_agg(format(', c%s text', i), '' ORDER BY i) FROM generate_series(1, 440) i) || ')';
EXECUTE 'INSERT INTO toasted SELECT i' || (SELECT string_agg(format(', (SELECT string_agg(md5(%s::text || j || i), '''') FROM generate_series(1, 100) j)', i), '') FROM generate_series(1, 440) i) || ' FROM generate_series(1,2) i';
CREATE TABLE full_nokey AS TABLE full_row WITH NO DATA; ALTER TABLE full_nokey ALTER a SET STORAGE PLAIN, ALTER b SET STORAGE PLAIN; INSERT INTO full_nokey SELECT r.* FROM full_row r, generate_series(1,3);
END $$;
SELECT yesterday.track(t) FROM unnest('{full_row,full_nokey,fixed,enums,most,most_row,toasted}'::regclass[]) t;
:begin
UPDATE full_row SET a = repeat('z', 4000) WHERE id = 1;
DELETE FROM full_nokey WHERE ctid = '(0,1)';
UPDATE full_nokey SET b = repeat('z', 4080) WHERE id = 1;
UPDATE fixed SET c507 = gen_random_uuid() WHERE id < 3;
DELETE FROM fixed WHERE id = 3;
UPDATE enums SET c1500 = 'b_long_label_of_an_enumerated_type_of_more_than_40_bytes' WHERE id = 1;
DELETE FROM enums WHERE id = 3;
UPDATE most SET c1599 = true, c1 = NULL WHERE id < 3;
DELETE FROM most WHERE id = 5;
INSERT INTO most (id, c800) VALUES (10, true);
UPDATE most SET id = 20 WHERE id = 4;
DELETE FROM most_row WHERE ctid IN (SELECT ctid FROM most_row LIMIT 2);
UPDATE most_row SET c800 = true WHERE ctid = (SELECT max(ctid) FROM most_row);
UPDATE toasted SET c1 = 'x' WHERE id = 1;
DELETE FROM toasted WHERE id = 2;
:finish
SELECT table_name, row_key, change, column_name, before, now FROM yesterday.diff('1') WHERE table_name = 'public.most' AND change = 'updated';
SELECT table_name, count(*) FROM yesterday.diff('1') GROUP BY 1 ORDER BY 1;
SELECT id, c1, c800, c1599 FROM yesterday.prior(NULL::most, '1') ORDER BY id;
SELECT count(*) FROM yesterday.drill();
UPDATE most SET c5 = true WHERE id = 1;
:roll_back
SELECT kind, row_key, row_data->>'c5' AS c5 FROM yesterday.attic;
-- emptied
:begin
TRUNCATE full_row, fixed, enums, most, most_row;
INSERT INTO most (id) VALUES (1), (77);
:finish
:roll_back
-- in open scope, in two transactions
CALL oracle.remember();
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE most SET c2 = true WHERE id < 4;
DELETE FROM most_row WHERE c1600;
BEGIN;
UPDATE most SET c2 = false, id = id + 100 WHERE id < 3;
UPDATE enums SET c1 = NULL WHERE id = 1;
COMMIT;
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
:roll_back
-- business tables that are emptied
CREATE TABLE wide_biz AS TABLE most_row;
:begin
TRUNCATE wide_biz;
INSERT INTO wide_biz (c7) VALUES (true);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO wide_biz (c8) VALUES (true);
SELECT subject, outcome, rows FROM rollback_last();
SELECT count(*), count(c1), count(c7), count(c8) FROM wide_biz;
CALL oracle.clear();
-- what a target of a train compares: records of many columns are as the rows they were made of
SELECT yesterday.enroll('11111111-1111-1111-1111-111111111111', 'g', 't') IS NOT NULL AS enrolled;
CREATE TEMP TABLE there AS SELECT table_name, digest FROM yesterday.portable_digest() WHERE kind = 'rows';
BEGIN;
SELECT yesterday.begin_deployment('all rows') > 0 AS begun;
UPDATE fixed SET c507 = gen_random_uuid();
UPDATE enums SET c1 = NULL;
DELETE FROM most;
UPDATE most_row SET c800 = true;
SELECT count(*) FROM yesterday.finish_deployment();
SELECT table_name, rows, d.digest = t.digest AS same
FROM yesterday.displaced_tables((SELECT max(id) FROM yesterday.history)) d JOIN there t USING (table_name) ORDER BY 1;
ROLLBACK;
