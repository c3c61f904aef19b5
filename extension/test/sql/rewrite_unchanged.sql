-- Inverse DDL that rewrites a table, or makes it anew, does not make its rows look changed by
-- somebody else: only versions that others wrote go to the attic.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE dropped (id int PRIMARY KEY, a text, b int, c text);
CREATE TABLE retyped (id int PRIMARY KEY, a text, b int, c text);
CREATE TABLE added (id int PRIMARY KEY, a text, b int, c text);
INSERT INTO dropped SELECT n, 'a', n, 'c' FROM generate_series(1, 10) n;
INSERT INTO retyped SELECT n, 'a', n, 'c' FROM generate_series(1, 10) n;
INSERT INTO added SELECT n, 'a', n, 'c' FROM generate_series(1, 10) n;
SELECT yesterday.track(t) FROM unnest('{dropped,retyped,added}'::regclass[]) t;
\set changes 'UPDATE dropped SET a = $$new$$ WHERE id < 4; ALTER TABLE dropped DROP COLUMN b; UPDATE dropped SET a = $$new$$ WHERE id = 5; INSERT INTO dropped VALUES (20, $$i$$, $$i$$); UPDATE retyped SET a = $$new$$ WHERE id < 4; ALTER TABLE retyped ALTER b TYPE bigint; UPDATE retyped SET a = $$new$$ WHERE id = 5; INSERT INTO retyped VALUES (20, $$i$$, 1, $$i$$); UPDATE added SET a = $$new$$ WHERE id < 4; ALTER TABLE added ADD d int DEFAULT (random() * 10)::int; UPDATE added SET a = $$new$$ WHERE id = 5; INSERT INTO added VALUES (20, $$i$$, 1, $$i$$);'
\set said 'SELECT subject, outcome, rows, detail FROM rollback_last() WHERE outcome IN ($$restored$$, $$removed$$, $$unchanged$$, $$changed since$$, $$held back$$) ORDER BY 1, 2;'
-- nobody wrote since
CALL oracle.remember();
BEGIN; SELECT yesterday.begin_deployment('one'); :changes
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
:said
SELECT count(*) FROM yesterday.attic;
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- somebody did
BEGIN; SELECT yesterday.begin_deployment('two'); :changes
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
UPDATE dropped SET a = 'later' WHERE id IN (3, 8, 20);
UPDATE retyped SET a = 'later' WHERE id IN (3, 8, 20);
UPDATE added SET a = 'later' WHERE id IN (3, 8, 20);
:said
SELECT table_name, row_key, row_data ->> 'a' AS a FROM yesterday.attic ORDER BY id;
SELECT object, verdict, content FROM oracle.difference();
CALL oracle.clear();
-- in open scope, drilled, and the same deployment rolled back after another one that rewrites
SELECT yesterday.begin_deployment('three', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
:changes
RESET yesterday.deployment;
SELECT outcome FROM yesterday.finish_deployment(:id) LIMIT 1;
SELECT outcome, rows FROM yesterday.drill() WHERE outcome = 'changed since';
BEGIN; SELECT yesterday.begin_deployment('four');
ALTER TABLE dropped DROP COLUMN c;
ALTER TABLE retyped ALTER c TYPE varchar(9), ALTER b TYPE numeric;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
SELECT outcome, rows FROM rollback_last('four') WHERE outcome = 'changed since';
-- what a rollback writes anew is known to the deployment whose version it was
SELECT subject, outcome, rows FROM rollback_last('three') WHERE outcome = 'changed since';
SELECT * FROM oracle.difference();
