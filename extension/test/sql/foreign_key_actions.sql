-- Foreign-key actions between tracked tables are captured; those in business tables are
-- reported, and never undone.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE a (id int PRIMARY KEY, v text);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b ON DELETE SET NULL ON UPDATE CASCADE, a int DEFAULT 1 REFERENCES a ON DELETE SET DEFAULT ON UPDATE CASCADE);
CREATE TABLE d (a int, b int, c int, PRIMARY KEY (a, b), FOREIGN KEY (c) REFERENCES c DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON DELETE CASCADE);
INSERT INTO a SELECT i, 'a' || i FROM generate_series(1, 20) i;
INSERT INTO b SELECT i, 1 + i % 20 FROM generate_series(1, 60) i;
INSERT INTO c SELECT i, i, 1 + i % 20 FROM generate_series(1, 60) i;
INSERT INTO d SELECT i, i, i FROM generate_series(1, 60) i;
INSERT INTO tree SELECT i, nullif(i / 2, 0) FROM generate_series(1, 127) i;
CREATE TABLE business (id int PRIMARY KEY, a int REFERENCES a ON DELETE SET NULL ON UPDATE CASCADE, b int REFERENCES b ON DELETE CASCADE);
INSERT INTO business SELECT i, 1 + i % 20, 1 + i % 60 FROM generate_series(1, 100) i;
SELECT yesterday.track(x) FROM unnest('{a,b,c,d,tree}'::regclass[]) x;
:begin
DELETE FROM a WHERE id IN (3, 4);
DELETE FROM tree WHERE id = 3;
:finish
SELECT subject, outcome, rows, detail FROM rollback_preview() WHERE subject LIKE '%business%';
CREATE TEMP TABLE business_then AS TABLE business;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference() WHERE object NOT LIKE '%business';
SELECT count(*) AS business_rows_touched FROM ((TABLE business EXCEPT TABLE business_then) UNION ALL (TABLE business_then EXCEPT TABLE business)) x;
CALL oracle.clear();
-- a changed key that business rows follow is held back, and said at finish
:begin
UPDATE a SET id = id + 100 WHERE id IN (5, 6);
\set VERBOSITY terse
:finish
\set VERBOSITY default
-- where no business row follows, it can
UPDATE business SET a = NULL, b = NULL;
:begin
UPDATE a SET id = id + 100 WHERE id IN (5, 6);
UPDATE b SET id = id + 100 WHERE id < 30;
:finish
:roll_back
-- children before parents, cycles, deferred
CREATE TABLE x (id int PRIMARY KEY, y int);
CREATE TABLE y (id int PRIMARY KEY, x int REFERENCES x DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE x ADD FOREIGN KEY (y) REFERENCES y DEFERRABLE INITIALLY DEFERRED;
BEGIN;
INSERT INTO x SELECT i, i FROM generate_series(1, 10) i;
INSERT INTO y SELECT i, 11 - i FROM generate_series(1, 10) i;
COMMIT;
SELECT yesterday.track('x'), yesterday.track('y');
:begin
DELETE FROM x WHERE id < 4;
DELETE FROM y WHERE id < 4 OR x < 4;
DELETE FROM x WHERE y NOT IN (SELECT id FROM y);
DELETE FROM y WHERE x NOT IN (SELECT id FROM x);
INSERT INTO x VALUES (100, 101), (102, 103);
INSERT INTO y VALUES (101, 100), (103, 102);
:finish
:roll_back
-- single columns set to NULL or to their default; keys of trees and rings changed, the rows that follow being rows of the same table
CREATE TABLE tenant (id int PRIMARY KEY, name text UNIQUE);
CREATE TABLE duty (tenant int REFERENCES tenant ON DELETE CASCADE, code text, label text, PRIMARY KEY (tenant, code));
CREATE TABLE member (id int PRIMARY KEY, tenant int NOT NULL, duty text DEFAULT 'guest',
                     FOREIGN KEY (tenant, duty) REFERENCES duty ON DELETE SET DEFAULT (duty) ON UPDATE CASCADE);
CREATE TABLE deputy (id int PRIMARY KEY, tenant int NOT NULL, duty text,
                     FOREIGN KEY (tenant, duty) REFERENCES duty ON DELETE SET NULL (duty) ON UPDATE CASCADE);
CREATE TABLE node (org int, id int, up int, boss int, PRIMARY KEY (org, id),
                   FOREIGN KEY (org, up) REFERENCES node ON UPDATE CASCADE ON DELETE SET NULL (up),
                   FOREIGN KEY (org, boss) REFERENCES node ON UPDATE CASCADE ON DELETE SET DEFAULT (boss) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE chain (id int PRIMARY KEY, next int NOT NULL REFERENCES chain ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, code text UNIQUE);
CREATE TABLE alone (id int PRIMARY KEY REFERENCES alone ON DELETE CASCADE, v text);
INSERT INTO tenant VALUES (1, 'one'), (2, 'two');
INSERT INTO duty SELECT t, c, 'l' FROM generate_series(1, 2) t, unnest('{guest,admin,editor,viewer}'::text[]) c;
INSERT INTO member SELECT i, 1 + i % 2, (ARRAY['admin', 'editor', 'viewer'])[1 + i % 3] FROM generate_series(1, 12) i;
INSERT INTO deputy SELECT i, 1 + i % 2, (ARRAY['admin', 'editor', 'viewer'])[1 + i % 3] FROM generate_series(1, 12) i;
BEGIN;
INSERT INTO node SELECT o, i, nullif(i / 2, 0), i % 5 + 1 FROM generate_series(1, 2) o, generate_series(1, 31) i;
INSERT INTO chain SELECT i, i % 10 + 1, 'c' || i FROM generate_series(1, 10) i;
COMMIT;
INSERT INTO alone SELECT i, 'v' FROM generate_series(1, 10) i;
CREATE TABLE audit (id int PRIMARY KEY, tenant int NOT NULL, duty text, FOREIGN KEY (tenant, duty) REFERENCES duty ON DELETE SET NULL (duty));
INSERT INTO audit SELECT i, 1 + i % 2, 'editor' FROM generate_series(1, 4) i;
SELECT yesterday.track(t) FROM unnest('{tenant,duty,member,deputy,node,chain,alone}'::regclass[]) t;
:begin
DELETE FROM duty WHERE code = 'editor';
UPDATE duty SET code = 'boss' WHERE code = 'viewer';
DELETE FROM duty WHERE tenant = 2 AND code = 'admin';
INSERT INTO duty VALUES (2, 'admin', 'new one');
UPDATE member SET duty = 'boss' WHERE id = 1;
UPDATE node SET id = id + 100 WHERE id = 1;
UPDATE node SET org = 3 WHERE org = 1 AND id = 101;
DELETE FROM node WHERE id = 4;
DELETE FROM node WHERE org = 2 AND id = 101;
UPDATE chain SET id = id + 100 WHERE id < 4;
DELETE FROM chain WHERE id IN (5, 6);
UPDATE chain SET next = 7 WHERE id = 4;
INSERT INTO chain VALUES (1, 103, 'x'), (2, 1, 'y');
UPDATE alone SET v = 'w' WHERE id < 4;
DELETE FROM alone WHERE id = 5;
INSERT INTO alone VALUES (11, 'n');
UPDATE alone SET id = 12 WHERE id = 10;
:finish
CREATE TEMP TABLE audit_then AS TABLE audit;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference() WHERE object NOT LIKE '%audit';
SELECT count(*) AS business_rows_touched FROM ((TABLE audit EXCEPT TABLE audit_then) UNION ALL (TABLE audit_then EXCEPT TABLE audit)) x;
CALL oracle.clear();
