-- ALTER TABLE of a tracked table in the middle of a deployment, between writes.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
-- versions that a rewrite made unprovable are kept in the attic: that is judged elsewhere
\set finish 'SELECT subject, outcome, rows FROM yesterday.finish_deployment() WHERE outcome <> $$changed since$$; COMMIT; SELECT oracle.changes() > 0 AS changed;'
\set roll_back 'SELECT subject, outcome, rows FROM rollback_last() WHERE outcome <> $$changed since$$; SELECT * FROM oracle.difference(); CALL oracle.clear();'
CREATE TABLE m (id int PRIMARY KEY, a text, b int, c text DEFAULT 'c');
INSERT INTO m SELECT i, 'a' || i, i FROM generate_series(1, 40) i;
CREATE TABLE nk (a text, b int);
INSERT INTO nk SELECT 'a' || i % 3, i % 4 FROM generate_series(1, 40) i;
SELECT yesterday.track('m'), yesterday.track('nk');
-- add
:begin
UPDATE m SET a = 'x' WHERE id < 5;
ALTER TABLE m ADD d int, ADD e text DEFAULT 'e';
UPDATE m SET d = id, a = 'y' WHERE id BETWEEN 3 AND 10;
INSERT INTO m VALUES (100, 'new', 1, 'c', 1, 'e');
DELETE FROM m WHERE id = 20;
:finish
:roll_back
-- add with a rewrite
:begin
UPDATE m SET a = 'x' WHERE id < 5;
ALTER TABLE m ADD d float8 DEFAULT random(), ADD g int GENERATED ALWAYS AS (b * 2) STORED;
UPDATE m SET a = 'y' WHERE id BETWEEN 3 AND 10;
DELETE FROM m WHERE id > 30;
INSERT INTO m VALUES (100, 'new', 1, 'c');
UPDATE m SET a = 'z' WHERE id = 3;
:finish
:roll_back
-- drop
:begin
UPDATE m SET a = 'x', c = 'changed' WHERE id < 5;
ALTER TABLE m DROP c;
UPDATE m SET a = 'y' WHERE id BETWEEN 3 AND 10;
DELETE FROM m WHERE id = 20;
INSERT INTO m VALUES (100, 'new', 1);
:finish
:roll_back
-- drop in the middle of the columns
:begin
ALTER TABLE m DROP b;
DELETE FROM m WHERE id = 20;
UPDATE m SET a = 'y' WHERE id BETWEEN 3 AND 10;
:finish
:roll_back
-- rename
:begin
UPDATE m SET a = 'x' WHERE id < 5;
ALTER TABLE m RENAME a TO aa;
ALTER TABLE m RENAME id TO key;
UPDATE m SET aa = 'y' WHERE key BETWEEN 3 AND 10;
ALTER TABLE m RENAME b TO a;
UPDATE m SET a = -1 WHERE key = 30;
DELETE FROM m WHERE key = 20;
:finish
:roll_back
-- other type: rewritten, then updated
:begin
UPDATE m SET b = 1000 WHERE id < 5;
ALTER TABLE m ALTER b TYPE text;
UPDATE m SET b = '77' WHERE id BETWEEN 3 AND 10;
DELETE FROM m WHERE id = 20;
ALTER TABLE m ALTER id TYPE bigint;
INSERT INTO m VALUES (500000, 'new', '1');
UPDATE m SET a = 'z' WHERE id = 12;
:finish
:roll_back
-- the key itself
:begin
UPDATE m SET a = 'x' WHERE id < 5;
ALTER TABLE m DROP CONSTRAINT m_pkey;
ALTER TABLE m ADD k serial PRIMARY KEY;
UPDATE m SET a = 'y' WHERE id BETWEEN 3 AND 10;
DELETE FROM m WHERE id = 20;
INSERT INTO m VALUES (100);
:finish
:roll_back
-- file replaced and values kept
:begin
ALTER TABLE m SET UNLOGGED;
UPDATE m SET a = 'x' WHERE id < 5;
ALTER TABLE m SET LOGGED;
UPDATE m SET a = 'y' WHERE id BETWEEN 3 AND 10;
DELETE FROM m WHERE id = 20;
:finish
:roll_back
-- without a key
:begin
DELETE FROM nk WHERE b = 1;
ALTER TABLE nk ADD d int;
UPDATE nk SET d = 1, a = 'x' WHERE b = 2;
ALTER TABLE nk RENAME b TO bb;
INSERT INTO nk VALUES ('new', 1, 1);
:finish
:roll_back
:begin
DELETE FROM nk WHERE b = 1;
ALTER TABLE nk ALTER b TYPE bigint;
UPDATE nk SET a = 'x' WHERE b = 2;
INSERT INTO nk VALUES ('new', 1);
:finish
:roll_back
-- values of duplicates taken away
:begin
DELETE FROM nk WHERE b = 1;
ALTER TABLE nk DROP b;
UPDATE nk SET a = 'x' WHERE a = 'a1';
INSERT INTO nk VALUES ('new');
ALTER TABLE nk ADD d int DEFAULT 7;
DELETE FROM nk WHERE a = 'a2' AND ctid IN (SELECT min(ctid) FROM nk GROUP BY a);
:finish
:roll_back
-- undone half-way
:begin
UPDATE m SET a = 'x' WHERE id < 5;
SAVEPOINT s;
ALTER TABLE m ALTER b TYPE bigint;
ALTER TABLE m ADD z int;
UPDATE m SET a = 'y';
ROLLBACK TO s;
UPDATE m SET a = 'z' WHERE id BETWEEN 3 AND 10;
SAVEPOINT s;
ALTER TABLE m ADD z int;
UPDATE m SET z = 1 WHERE id = 15;
RELEASE s;
:finish
:roll_back
-- in open scope
CALL oracle.remember();
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE m SET a = 'x' WHERE id < 5;
ALTER TABLE m ADD d int;
UPDATE m SET d = 1 WHERE id BETWEEN 3 AND 10;
ALTER TABLE m RENAME a TO aa;
UPDATE m SET aa = 'z' WHERE id = 15;
ALTER TABLE m ALTER b TYPE bigint;
UPDATE m SET b = 2 WHERE id BETWEEN 14 AND 16;
INSERT INTO m (id) VALUES (100);
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM yesterday.finish_deployment(:id) WHERE outcome <> 'changed since';
:roll_back
-- another file with the same row versions
:begin
UPDATE m SET a = 'x' WHERE id < 5;
CLUSTER m USING m_pkey;
UPDATE m SET a = 'y' WHERE id BETWEEN 3 AND 10;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- the key moves to another column, and its own goes: rows of before are found by what they were when it went
CREATE TABLE renumbered (id int PRIMARY KEY, v text);
CREATE TABLE refers (id int PRIMARY KEY, r int REFERENCES renumbered);
INSERT INTO renumbered SELECT i, 'v' || i % 3 FROM generate_series(1, 10) i;
INSERT INTO refers SELECT i, i FROM generate_series(1, 10) i;
SELECT yesterday.track('renumbered'), yesterday.track('refers');
\set renumber 'ALTER TABLE renumbered ADD uid uuid NOT NULL DEFAULT gen_random_uuid(); ALTER TABLE refers ADD r_uid uuid; UPDATE refers SET r_uid = n.uid FROM renumbered n WHERE n.id = refers.r; ALTER TABLE refers DROP COLUMN r; ALTER TABLE renumbered DROP CONSTRAINT renumbered_pkey; ALTER TABLE renumbered DROP COLUMN id; ALTER TABLE renumbered RENAME uid TO id; ALTER TABLE renumbered ADD PRIMARY KEY (id); ALTER TABLE refers ADD FOREIGN KEY (r_uid) REFERENCES renumbered;'
:begin
:renumber
SELECT outcome FROM yesterday.finish_deployment() WHERE subject ~ '^deployment';
COMMIT;
SELECT oracle.changes() > 0 AS changed;
SELECT subject, outcome, rows FROM rollback_last() WHERE subject ~ '^(deployment|public)';
SELECT * FROM oracle.difference();
CALL oracle.clear();
CALL oracle.remember();
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE renumbered SET v = 'before' WHERE id = 3;
:renumber
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM yesterday.abandon_deployment(:id) WHERE subject ~ '^(deployment|public)';
SELECT * FROM oracle.difference();
-- several rows written without the key of before: refused, and said why
:begin
ALTER TABLE refers DROP COLUMN id;
INSERT INTO refers VALUES (NULL), (NULL);
SELECT * FROM oracle.refusal('SELECT yesterday.finish_deployment()');
ROLLBACK;
