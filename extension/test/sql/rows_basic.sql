-- Rows inserted, updated and deleted by one deployment are as before after the rollback.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE screen (id bigint PRIMARY KEY, title text UNIQUE, body jsonb);
INSERT INTO screen SELECT i, 'screen ' || i, jsonb_build_object('n', i, 'fields', repeat('x', i)) FROM generate_series(1, 300) i;
SELECT yesterday.track('screen');
:begin
UPDATE screen SET body = body || '{"v": 2}' WHERE id % 2 = 0;
UPDATE screen SET title = title || '!' WHERE id % 3 = 0;
DELETE FROM screen WHERE id % 10 = 0;
INSERT INTO screen SELECT i, 'new ' || i, NULL FROM generate_series(1000, 1020) i;
:finish
SELECT subject, outcome, rows FROM rollback_preview();
:roll_back

-- a row written many times; deleted and inserted again; inserted and deleted; all of it twice
:begin
UPDATE screen SET title = 'a' WHERE id = 1;
UPDATE screen SET title = 'b' WHERE id = 1;
DELETE FROM screen WHERE id = 1;
INSERT INTO screen VALUES (1, 'c', 'null');
UPDATE screen SET title = 'd' WHERE id = 1;
DELETE FROM screen WHERE id = 1;
INSERT INTO screen VALUES (1, 'e', NULL);
INSERT INTO screen VALUES (2000, 'short life');
DELETE FROM screen WHERE id = 2000;
INSERT INTO screen VALUES (2001, 'long life');
UPDATE screen SET title = 'longer life' WHERE id = 2001;
DELETE FROM screen WHERE id = 2;
DELETE FROM screen WHERE id = 3;
INSERT INTO screen VALUES (3, 'screen 3');
:finish
:roll_back

-- what ends as it began leaves nothing to do
:begin
UPDATE screen SET title = 'a' WHERE id = 1;
UPDATE screen SET title = 'screen 1' WHERE id = 1;
INSERT INTO screen VALUES (3000);
DELETE FROM screen WHERE id = 3000;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT oracle.changes();
:roll_back

-- a deployment that wrote nothing
:begin
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
:roll_back

-- NULL everywhere
CREATE TABLE hollow (id int PRIMARY KEY, a text, b jsonb, c numeric, d int[], e timestamptz);
INSERT INTO hollow (id) VALUES (1), (3);
INSERT INTO hollow VALUES (2, 'a', '{}', 1, '{}', 'epoch');
SELECT yesterday.track('hollow');
:begin
UPDATE hollow SET a = 'x', b = 'null', c = 'NaN', d = '{NULL}', e = '-infinity' WHERE id = 1;
UPDATE hollow SET a = NULL, b = NULL, c = NULL, d = NULL, e = NULL WHERE id = 2;
DELETE FROM hollow WHERE id = 3;
INSERT INTO hollow VALUES (4);
:finish
:roll_back

-- three deployments on the same rows, taken back one after the other
CALL oracle.remember('first');
BEGIN; SELECT yesterday.begin_deployment('one');
UPDATE screen SET title = 'one ' || id WHERE id < 10;
INSERT INTO screen VALUES (5000, 'one');
SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;
CALL oracle.remember('second');
BEGIN; SELECT yesterday.begin_deployment('two');
UPDATE screen SET title = 'two ' || id WHERE id < 20;
DELETE FROM screen WHERE id = 5000;
SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;
CALL oracle.remember('third');
BEGIN; SELECT yesterday.begin_deployment('three');
UPDATE screen SET title = 'three ' || id WHERE id < 5;
INSERT INTO screen VALUES (5000, 'three');
SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference('third');
SELECT subject, outcome, rows FROM rollback_last('two');
SELECT * FROM oracle.difference('second');
SELECT subject, outcome, rows FROM rollback_last('one');
SELECT * FROM oracle.difference('first');
SELECT state, last_deployment, rollbackable, next_command FROM yesterday.status;
