-- Rows are put back as the owner of their table, under our search path. What fails for that, in code that works
-- for its author, and for want of a right, says so.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE word (w text PRIMARY KEY);
INSERT INTO word VALUES ('a'), ('b');
CREATE FUNCTION known(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN EXISTS (SELECT FROM word WHERE w = $1); END';
CREATE FUNCTION calls(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN known($1); END';
CREATE TABLE label (id int PRIMARY KEY, w text CHECK (known(w)));
CREATE TABLE title (id int PRIMARY KEY, w text);
CREATE INDEX ON title (calls(w));
INSERT INTO label VALUES (1, 'a'), (2, 'b');
INSERT INTO title VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track(t) FROM unnest('{label,title}'::regclass[]) t;
:begin
UPDATE label SET w = 'a' WHERE id = 2;
SELECT oracle.refusal('SELECT * FROM yesterday.finish_deployment()');
ROLLBACK;
:begin
UPDATE title SET w = 'a' WHERE id = 2;
SELECT oracle.refusal('SELECT * FROM yesterday.finish_deployment()');
ROLLBACK;
-- as the hint says
ALTER FUNCTION known(text) SET search_path = public;
ALTER FUNCTION calls(text) SET search_path = public;
:begin
UPDATE label SET w = 'a' WHERE id = 2;
DELETE FROM title WHERE id = 1;
:finish
:roll_back

-- rights that an owner has taken from itself, before the finish and since
CREATE TABLE part (id int PRIMARY KEY, title int REFERENCES title);
INSERT INTO part VALUES (1, 1);
SELECT yesterday.track('part');
:begin
UPDATE title SET id = 3 WHERE id = 2;
INSERT INTO part VALUES (2, 3);
REVOKE SELECT ON title FROM regress_author;
SELECT oracle.refusal('SELECT * FROM yesterday.finish_deployment()');
ROLLBACK;
:begin
UPDATE title SET id = 3 WHERE id = 2;
INSERT INTO part VALUES (2, 3);
:finish
REVOKE SELECT ON title FROM regress_author;
SELECT oracle.refusal('SELECT * FROM rollback_last()');
GRANT SELECT ON title TO regress_author;
:roll_back
