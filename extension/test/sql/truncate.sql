-- TRUNCATE: once, twice, several tables, CASCADE, RESTART IDENTITY, refilled, rolled back to a
-- savepoint, with COPY FREEZE.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE one (id serial PRIMARY KEY, v text);
CREATE TABLE two (id int PRIMARY KEY, one int REFERENCES one, v text);
CREATE TABLE three (v text);
INSERT INTO one (v) SELECT 'v' || i FROM generate_series(1, 30) i;
INSERT INTO two SELECT i, i, 'v' FROM generate_series(1, 30) i;
INSERT INTO three SELECT 'v' || i % 3 FROM generate_series(1, 30) i;
SELECT yesterday.track(x) FROM unnest('{one,two,three}'::regclass[]) x;
:begin
UPDATE one SET v = 'before' WHERE id < 5;
DELETE FROM two WHERE id < 3;
INSERT INTO three VALUES ('before');
TRUNCATE one, two, three;
INSERT INTO one (v) VALUES ('after'), ('after');
INSERT INTO one VALUES (1, 'the same key');
UPDATE one SET v = 'again' WHERE id = 1;
TRUNCATE one CASCADE;
INSERT INTO one VALUES (2, 'v2'), (3, 'v3');
INSERT INTO two VALUES (2, 2, 'v');
INSERT INTO three SELECT 'v1' FROM generate_series(1, 5);
:finish
:roll_back
-- to a savepoint, at several depths
:begin
SAVEPOINT a;
TRUNCATE three;
INSERT INTO three VALUES ('x');
ROLLBACK TO a;
UPDATE three SET v = 'changed' WHERE v = 'v1';
SAVEPOINT b;
TRUNCATE two;
SAVEPOINT c;
INSERT INTO two VALUES (1, 1, 'new');
ROLLBACK TO c;
INSERT INTO two VALUES (2, 2, 'new');
RELEASE b;
SAVEPOINT d;
TRUNCATE one CASCADE;
ROLLBACK TO d;
DELETE FROM one WHERE id = 30;
:finish
:roll_back
:begin
SAVEPOINT a;
TRUNCATE three;
ROLLBACK TO a;
TRUNCATE three;
SAVEPOINT b;
TRUNCATE three;
INSERT INTO three VALUES ('x');
ROLLBACK TO b;
RELEASE a;
INSERT INTO three VALUES ('y');
:finish
:roll_back
-- COPY FREEZE after TRUNCATE makes rows that look old
:begin
TRUNCATE one, two;
COPY one FROM stdin WITH (FREEZE);
1	frozen
500	frozen too
\.
UPDATE one SET v = 'thawed' WHERE id = 500;
DELETE FROM one WHERE id = 1;
INSERT INTO one VALUES (1, 'again');
:finish
:roll_back
:begin
TRUNCATE three;
COPY three FROM stdin WITH (FREEZE);
frozen
frozen
\.
DELETE FROM three;
INSERT INTO three VALUES ('x');
:finish
:roll_back
-- sequences
:begin
TRUNCATE one, two RESTART IDENTITY;
INSERT INTO one (v) VALUES ('first'), ('second');
:finish
:roll_back
INSERT INTO one (v) VALUES ('after all') RETURNING id;
-- the oldest rows of all: frozen long before
VACUUM FREEZE one, two, three;
:begin
UPDATE one SET v = 'x' WHERE id < 3;
DELETE FROM three WHERE v = 'v2';
TRUNCATE two;
:finish
:roll_back
