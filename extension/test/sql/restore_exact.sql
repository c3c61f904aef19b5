-- Rows come back exactly: types, keys, unique values, generated and identity columns.
\i test/include/exact.sql

-- every kind of type, TOAST, quoted names of 63 bytes
CREATE TYPE app.color AS ENUM ('red', 'green', 'blue');
CREATE TYPE app.pair AS (a int, b text);
CREATE DOMAIN app.positive AS int CHECK (VALUE > 0);
CREATE DOMAIN app.positives AS app.positive[];
CREATE TYPE app.span AS RANGE (subtype = float8);
CREATE TABLE app."Ünusual ""name"" of exactly sixty-three bytes, to the very last."
(
    "Key 1" int,
    "key""2" varchar(10) COLLATE "C",
    PRIMARY KEY ("Key 1", "key""2"),
    "select" app.color, p app.pair, pos app.positive, poss app.positives, colors app.color[],
    pairs app.pair[], s app.span, ir int4range, mr int4multirange, j json, jb jsonb, n numeric(20, 5), f float8,
    ts timestamptz, iv interval, b bytea, u uuid, i inet, pt point, m money, tv tsvector, bi bit(3), big text, bigc text,
    c char(5), a2 int[][]
);
ALTER TABLE app."Ünusual ""name"" of exactly sixty-three bytes, to the very last." ALTER bigc SET STORAGE EXTERNAL;
CREATE VIEW app.wide AS SELECT * FROM app."Ünusual ""name"" of exactly sixty-three bytes, to the very last.";
INSERT INTO app.wide
SELECT i, 'k' || i, (ARRAY['red', 'green'])[1 + i % 2]::app.color, ROW(i, 'x,"' || i)::app.pair, i, ARRAY[i, i + 1], ARRAY['red', NULL]::app.color[],
       ARRAY[ROW(i, NULL)::app.pair, NULL], app.span(i, i + 0.1), int4range(i, i + 5), int4multirange(int4range(i, i + 1), int4range(i + 3, i + 9)),
       '{"b":1,  "a":2}', '{"b":1,  "a":2}', i + 0.10, 0.1::float8 * i, '2026-03-29 01:30:00+01', '1 mon -3 days 00:00:01.5',
       '\x00ff', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1/8', '(1.5,-0)', '12.34', 'a:1 b:2', B'101',
       repeat(md5(i::text), 500), repeat(md5(i::text), 500), 'ab', '{{1,2},{3,NULL}}'
FROM generate_series(1, 40) i;
INSERT INTO app.wide ("Key 1", "key""2", f, n) VALUES (41, '', 'NaN', 'NaN'), (42, 'x', '-0', 1.10), (43, 'y', '-Infinity', 0);
SELECT yesterday.track('app."Ünusual ""name"" of exactly sixty-three bytes, to the very last."');
SELECT app.remember('app."Ünusual ""name"" of exactly sixty-three bytes, to the very last."');

SET DateStyle = 'SQL, DMY';
SET IntervalStyle = 'iso_8601';
SET TimeZone = 'Pacific/Auckland';
SET extra_float_digits = 0;
BEGIN;
SELECT yesterday.begin_deployment('types');
UPDATE app.wide SET "select" = 'blue', p = ROW(0, NULL), pos = pos + 1, poss = NULL, colors = '{blue}', pairs = '{}', s = 'empty', ir = NULL,
       mr = '{}', j = '1', jb = '2', n = 0, f = 0, ts = 'infinity', iv = '0', b = '', u = NULL, i = '::1', pt = '(0,0)',
       m = 0, tv = '', bi = B'000', c = '', a2 = '{}' WHERE "Key 1" <= 10;
UPDATE app.wide SET big = big || '!' WHERE "Key 1" IN (11, 12);
UPDATE app.wide SET n = n WHERE "Key 1" = 13;
UPDATE app.wide SET "Key 1" = "Key 1" + 1000 WHERE "Key 1" IN (14, 15);
UPDATE app.wide SET "Key 1" = "Key 1" + 1 WHERE "Key 1" = 16;
DELETE FROM app.wide WHERE "Key 1" BETWEEN 20 AND 43;
INSERT INTO app.wide ("Key 1", "key""2", pos) VALUES (20, 'k20', 1), (2000, 'new', 2), (2001, '', 3);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SET DateStyle = 'German';
SET TimeZone = 'UTC';
SELECT outcome, rows, detail FROM app.roll_back();
RESET ALL;
SELECT * FROM app.differences();

-- swapped unique values, deferrable ones, exclusion, partial and expression indexes
CREATE TABLE app.slot
(
    id int PRIMARY KEY, code text UNIQUE, pos int CONSTRAINT slot_pos UNIQUE DEFERRABLE INITIALLY DEFERRED,
    room int4range, during int4range, active bool NOT NULL DEFAULT true, title text,
    CONSTRAINT slot_free EXCLUDE USING gist (room WITH =, during WITH &&)
);
CREATE UNIQUE INDEX slot_title ON app.slot (lower(title)) WHERE active;
CREATE UNIQUE INDEX slot_nulls ON app.slot (id, title) NULLS NOT DISTINCT;
INSERT INTO app.slot SELECT i, 'c' || i, i, int4range(i, i + 1), int4range(1, 5), true, 'Title ' || i FROM generate_series(1, 100) i;
SELECT yesterday.track('app.slot');
SELECT app.remember('app.slot');
BEGIN;
SELECT yesterday.begin_deployment('swaps');
UPDATE app.slot SET pos = 101 - pos;
UPDATE app.slot SET code = 'tmp' WHERE id = 1;
UPDATE app.slot SET code = 'c1' WHERE id = 2;
UPDATE app.slot SET code = 'c2' WHERE id = 1;
UPDATE app.slot SET title = 'x' WHERE id = 3;
UPDATE app.slot SET title = 'TITLE 3' WHERE id = 4;
UPDATE app.slot SET title = 'title 4' WHERE id = 3;
UPDATE app.slot SET room = '[0,1)' WHERE id = 5;
UPDATE app.slot SET room = '[5,6)' WHERE id = 6;
UPDATE app.slot SET room = '[6,7)' WHERE id = 5;
UPDATE app.slot SET active = false WHERE id = 7;
INSERT INTO app.slot VALUES (107, 'c107', 107, '[107,108)', 'empty', true, 'title 7');
DELETE FROM app.slot WHERE id = 8;
INSERT INTO app.slot VALUES (108, 'c8', 108, '[8,9)', '[2,3]', true, 'title 8');
UPDATE app.slot SET id = -id WHERE id IN (9, 10);
UPDATE app.slot SET id = CASE id WHEN -9 THEN 10 ELSE 9 END WHERE id < 0;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome, rows, detail FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back();
SELECT * FROM app.differences();

-- generated and identity columns; a key that is no primary key; no key at all
CREATE TABLE app.derived (id int GENERATED ALWAYS AS IDENTITY, code text NOT NULL, n int, twice int GENERATED ALWAYS AS (n * 2) STORED,
                          label text GENERATED ALWAYS AS (upper(code)) STORED, UNIQUE (code));
CREATE TABLE app.bag (a int, b text, c app.pair);
INSERT INTO app.derived (code, n) SELECT 'k' || i, i FROM generate_series(1, 50) i;
INSERT INTO app.bag VALUES (1, 'x', ROW(1, 'a')), (1, 'x', ROW(1, 'a')), (1, 'x', ROW(1, 'a')), (2, NULL, NULL), (NULL, NULL, NULL), (NULL, NULL, NULL), (3, 'y', ROW(NULL, NULL));
SELECT yesterday.track('app.derived'), yesterday.track('app.bag');
SELECT app.remember('app.derived', 'app.bag');
BEGIN;
SELECT yesterday.begin_deployment('keys');
UPDATE app.derived SET n = -n WHERE id <= 10;
UPDATE app.derived SET code = code || 'z' WHERE id BETWEEN 11 AND 20;
DELETE FROM app.derived WHERE id BETWEEN 21 AND 30;
INSERT INTO app.derived (code, n) VALUES ('k21', 0), ('new', 1);
DELETE FROM app.bag WHERE ctid = (SELECT min(ctid) FROM app.bag WHERE a = 1);
DELETE FROM app.bag WHERE ctid = (SELECT min(ctid) FROM app.bag WHERE a IS NULL);
INSERT INTO app.bag VALUES (2, NULL, NULL), (2, NULL, NULL), (9, 'z', NULL);
UPDATE app.bag SET b = 'changed' WHERE a = 3;
UPDATE app.bag SET b = 'changed again' WHERE a = 3;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT * FROM app.roll_back();
SELECT * FROM app.differences();

-- TRUNCATE, and a table filled anew
SELECT app.remember('app.slot', 'app.derived', 'app.bag');
BEGIN;
SELECT yesterday.begin_deployment('copies');
TRUNCATE app.slot, app.bag;
DELETE FROM app.derived;
INSERT INTO app.slot SELECT i, 'c' || i, i, int4range(i, i + 1), int4range(1, 5), true, 'Title ' || i FROM generate_series(90, 110) i;
INSERT INTO app.bag VALUES (2, NULL, NULL), (7, 'q', NULL);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT * FROM app.roll_back();
SELECT * FROM app.differences();
