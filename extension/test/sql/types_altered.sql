-- Types that a deployment changes between its writes: what was recorded before the change and what was recorded
-- after it both come back.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
-- labels renamed, also such that they change places
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE TABLE person (id int PRIMARY KEY, m mood, all_of mood[]);
CREATE TABLE nobody (id int PRIMARY KEY, m mood);
INSERT INTO person SELECT i, (ARRAY['sad', 'ok', 'glad'])[1 + i % 3]::mood, ARRAY['sad', NULL, 'ok']::mood[] FROM generate_series(1, 9) i;
SELECT yesterday.track('person'), yesterday.track('nobody');
:begin
UPDATE person SET id = id + 100 WHERE id = 1;
ALTER TYPE mood RENAME VALUE 'sad' TO 'glum';
UPDATE person SET m = 'ok' WHERE id = 3;
DELETE FROM person WHERE id = 6;
INSERT INTO person VALUES (10, 'glum', '{glum}');
:finish
:roll_back
:begin
UPDATE person SET id = id + 100 WHERE id < 3;
ALTER TYPE mood RENAME VALUE 'sad' TO 'between';
ALTER TYPE mood RENAME VALUE 'ok' TO 'sad';
ALTER TYPE mood RENAME VALUE 'between' TO 'ok';
UPDATE person SET id = id + 200 WHERE id IN (3, 4, 5);
:finish
:roll_back
-- in open scope, undone instead
CALL oracle.remember();
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
ALTER TYPE mood RENAME VALUE 'glad' TO 'joyful';
UPDATE person SET m = 'joyful', all_of = NULL;
DELETE FROM person WHERE id = 2;
SELECT oracle.changes() > 0 AS changed;
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM yesterday.abandon_deployment(:id);
SELECT * FROM oracle.difference();

-- where labels tell rows apart they are known under the names of before
CREATE TABLE by_mood (m mood PRIMARY KEY, v int);
INSERT INTO by_mood VALUES ('sad', 1), ('ok', 2);
SELECT yesterday.track('by_mood');
:begin
ALTER TYPE mood RENAME VALUE 'sad' TO 'glum';
:finish
:roll_back
:begin
ALTER TYPE mood RENAME VALUE 'sad' TO 'glum';
UPDATE by_mood SET v = 7 WHERE m = 'glum';
INSERT INTO by_mood VALUES ('glad', 3);
:finish
:roll_back
-- but not inside a value of another type: refused, and said why
CREATE TYPE felt AS (m mood, much int);
CREATE TABLE by_felt (f felt PRIMARY KEY, v int);
INSERT INTO by_felt VALUES ('(sad,1)', 1), ('(ok,2)', 2);
SELECT yesterday.track('by_felt');
CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_deployment('key');
UPDATE by_felt SET v = 7;
ALTER TYPE mood RENAME VALUE 'sad' TO 'glum';
UPDATE by_felt SET f = '(glum,7)' WHERE f = '(glum,1)'::felt;
SELECT * FROM oracle.refusal('SELECT yesterday.finish_deployment()');
ROLLBACK;
SELECT * FROM oracle.difference();

-- rows of a table in the columns of another one
CREATE TABLE address (street text, number int);
CREATE TABLE customer (id int PRIMARY KEY, home address, others address[]);
INSERT INTO address VALUES ('here', 1), ('here', 1);
INSERT INTO customer SELECT i, ROW('there', i)::address, ARRAY[ROW('far', i)::address] FROM generate_series(1, 5) i;
SELECT yesterday.track('address'), yesterday.track('customer');
:begin
UPDATE customer SET home.number = 77 WHERE id = 1;
ALTER TABLE address ADD COLUMN town text;
UPDATE customer SET home.town = 'T' WHERE id < 3;
UPDATE address SET town = 'U';
DELETE FROM customer WHERE id = 4;
:finish
:roll_back

-- names of 63 bytes that change places, in a table and in a composite type
CREATE TYPE pair AS ("a__________________________________________________________long" int, "b__________________________________________________________long" int, t text);
CREATE TABLE wide_names (id int PRIMARY KEY, "a__________________________________________________________long" text, "b__________________________________________________________long" text, p pair);
INSERT INTO wide_names SELECT i, 'a', 'b', ROW(i, -i, 't')::pair FROM generate_series(1, 5) i;
SELECT yesterday.track('wide_names');
:begin
ALTER TABLE wide_names RENAME "a__________________________________________________________long" TO "between";
ALTER TABLE wide_names RENAME "b__________________________________________________________long" TO "a__________________________________________________________long";
ALTER TABLE wide_names RENAME "between" TO "b__________________________________________________________long";
ALTER TYPE pair RENAME ATTRIBUTE "a__________________________________________________________long" TO "between";
ALTER TYPE pair RENAME ATTRIBUTE "b__________________________________________________________long" TO "a__________________________________________________________long";
ALTER TYPE pair RENAME ATTRIBUTE "between" TO "b__________________________________________________________long";
UPDATE wide_names SET "b__________________________________________________________long" = 'z' WHERE id = 1;
UPDATE wide_names SET p."a__________________________________________________________long" = 77 WHERE id = 2;
:finish
:roll_back

-- rows of a table inside values of another type: its table cannot be made anew for a column that it lost. Finish says so, and
-- abandoning undoes all the rest
CREATE TABLE part_of (street text, gone int, town text);
CREATE TYPE nested AS (p part_of, n int);
CREATE TABLE holder (id int PRIMARY KEY, x nested);
CREATE TABLE beside (id int PRIMARY KEY, v text);
INSERT INTO holder VALUES (1, ROW(ROW('s', 1, 't')::part_of, 2));
INSERT INTO beside VALUES (1, 'x');
SELECT yesterday.track('holder'), yesterday.track('beside');
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
ALTER TABLE part_of DROP COLUMN gone;
UPDATE beside SET v = 'changed';
ALTER TABLE beside ADD COLUMN w int;
RESET yesterday.deployment;
SELECT * FROM oracle.refusal(format('SELECT yesterday.finish_deployment(%s)', :id));
SELECT subject, outcome, rows, detail FROM yesterday.abandon_deployment(:id);
SELECT b::text, h::text FROM beside b, holder h;
