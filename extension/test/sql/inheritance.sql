-- Inherited tables: the parent and each child keep their own rows.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE doc (id int PRIMARY KEY, title text);
CREATE TABLE letter (recipient text) INHERITS (doc);
ALTER TABLE letter ADD PRIMARY KEY (id);
CREATE TABLE memo (priority int) INHERITS (doc);
CREATE TABLE both_kinds (extra int) INHERITS (letter, memo);
INSERT INTO doc SELECT i, 'doc ' || i FROM generate_series(1, 10) i;
-- the same keys again: a parent's key says nothing about its children
INSERT INTO letter SELECT i, 'letter ' || i, 'r' FROM generate_series(1, 10) i;
INSERT INTO memo SELECT 1 + i % 3, 'memo', i FROM generate_series(1, 10) i;
INSERT INTO both_kinds SELECT i, 'both', 'r', 1, 2 FROM generate_series(1, 10) i;
SELECT yesterday.track('doc');
SELECT table_name, key_kind, key_columns FROM yesterday.tracked;
:begin
UPDATE doc SET title = title || '!' WHERE id < 4;
DELETE FROM doc WHERE id = 5;
UPDATE ONLY doc SET id = id + 100 WHERE id = 6;
INSERT INTO memo VALUES (1, 'memo', 1);
DELETE FROM ONLY letter WHERE id = 7;
UPDATE memo SET priority = -1 WHERE id = 2;
TRUNCATE both_kinds;
:finish
:roll_back
:begin
TRUNCATE doc;
INSERT INTO both_kinds VALUES (1, 'x');
:finish
:roll_back
:begin
TRUNCATE ONLY doc;
:finish
:roll_back
-- a child made later
CREATE TABLE fax (number text) INHERITS (doc);
INSERT INTO fax VALUES (1, 'fax', '0');
:begin
UPDATE doc SET title = 'all';
:finish
:roll_back
