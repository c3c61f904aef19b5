-- More rows than any buffer, in one statement and in many, narrow and wide.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE many (id int PRIMARY KEY, v text, pad text);
INSERT INTO many SELECT i, 'v' || i, repeat('x', i % 1000) FROM generate_series(1, 12000) i;
SELECT yesterday.track('many');
:begin
UPDATE many SET v = 'changed' WHERE id % 2 = 0;
DELETE FROM many WHERE id % 10 = 5;
INSERT INTO many SELECT i, 'new', repeat('y', 1000) FROM generate_series(40001, 43000) i;
UPDATE many SET v = v || '!' WHERE id % 3 = 0;
DELETE FROM many WHERE id % 100 = 0;
:finish
:roll_back
:begin
DELETE FROM many;
INSERT INTO many SELECT i, 'v', NULL FROM generate_series(8000, 20000) i;
:finish
:roll_back
:begin
TRUNCATE many;
INSERT INTO many SELECT i, 'v', NULL FROM generate_series(8000, 20000) i;
:finish
:roll_back
:begin
UPDATE many SET id = -id;
UPDATE many SET id = 1 - id;
:finish
:roll_back
