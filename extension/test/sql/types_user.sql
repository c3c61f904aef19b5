-- Domains, enums, composites, ranges of the user, their arrays, nested.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE SCHEMA "The Types";
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN very_positive AS positive CHECK (VALUE > 10) DEFAULT 11;
CREATE DOMAIN words AS text[] CHECK (array_length(VALUE, 1) < 9);
CREATE TYPE "The Types"."Mood's" AS ENUM ('so, so', '"fine"', 'it''s bad', '\', '');
CREATE DOMAIN calm AS "The Types"."Mood's" CHECK (VALUE <> 'it''s bad');
CREATE TYPE pair AS (a positive, "B c" "The Types"."Mood's", d numeric(10, 3));
CREATE TYPE nest AS (p pair, ps pair[], at timestamptz, f float8);
CREATE DOMAIN good_pair AS pair CHECK ((VALUE).a < 1000);
CREATE TYPE floats AS RANGE (subtype = float8, multirange_type_name = floats_multi);
CREATE TYPE moods AS RANGE (subtype = "The Types"."Mood's");
CREATE DOMAIN some_floats AS floats CHECK (NOT isempty(VALUE));
CREATE TABLE mix_other (x int, y text);
CREATE TABLE mix (
    id very_positive PRIMARY KEY,
    w words, e "The Types"."Mood's", es "The Types"."Mood's"[], c calm, cs calm[],
    p pair, ps pair[], n nest, g good_pair, f floats, fs floats[], fm floats_multi, m moods, sf some_floats,
    ps2 positive[], vc varchar(7)[], nu numeric(12, 4), bits bit(5), o mix_other);
INSERT INTO mix
SELECT 10 + i, ARRAY['a', NULL, 'c"d', '{', ''], (enum_range(NULL::"The Types"."Mood's"))[1 + i % 5],
       enum_range(NULL::"The Types"."Mood's"), '"fine"', ARRAY['', NULL, '\']::calm[],
       ROW(i, '\', 1.5)::pair, ARRAY[ROW(i, '', NULL), NULL, ROW(NULL, NULL, NULL)]::pair[],
       ROW(ROW(1, 'so, so', 2), ARRAY[[ROW(1, '"fine"', i)]]::pair[], '2020-06-01 12:00+02', 0.1 + 0.2)::nest,
       ROW(i, NULL, 'NaN')::pair, floats(0.1, i + 0.2, '(]'), ARRAY[floats(NULL, NULL), 'empty'], floats_multi(floats(1, 2), floats(3, 4)),
       moods('so, so', 'it''s bad'), floats(1, 2), ARRAY[1, i], ARRAY['seven..', ''], 1.1, B'10101', ROW(i, 'y')::mix_other
FROM generate_series(1, 10) i;
CREATE TABLE mix_without_key AS SELECT * FROM mix;
CREATE TABLE by_enum (e "The Types"."Mood's", p pair, f floats, PRIMARY KEY (e, p, f), v text);
INSERT INTO by_enum SELECT e, p, f, 'v' || id FROM mix;
SELECT yesterday.track(x) FROM unnest('{mix,mix_without_key,by_enum}'::regclass[]) x;
:begin
UPDATE mix SET e = NULL, es = NULL, c = NULL, p.d = 9, ps[2] = ROW(3, NULL, 3), n.f = 'NaN', f = 'empty', bits = B'00000' WHERE id < 14;
UPDATE mix SET id = id + 100, n = NULL, g = NULL, o = NULL WHERE id = 15;
UPDATE mix SET p = ROW(NULL, NULL, NULL), o = ROW(NULL, NULL), ps = '{}', n = ROW(NULL, '{}', NULL, '-0') WHERE id = 16;
DELETE FROM mix WHERE id > 18 AND id < 100;
INSERT INTO mix (id) VALUES (DEFAULT) ON CONFLICT DO NOTHING;
INSERT INTO mix (id, p) VALUES (500, ROW(1, 'so, so', 0));
DELETE FROM mix_without_key WHERE id = 12;
UPDATE mix_without_key SET p.a = 77 WHERE id = 13;
INSERT INTO mix_without_key SELECT * FROM mix_without_key WHERE id = 14;
UPDATE by_enum SET e = 'it''s bad', v = 'changed' WHERE v IN ('v12', 'v13');
DELETE FROM by_enum WHERE v = 'v14';
UPDATE by_enum SET f = floats(-1, 1), v = 'f' WHERE v = 'v15';
:finish
:roll_back
SET DateStyle = 'German';
SET extra_float_digits = -10;
SET IntervalStyle = 'iso_8601';
:begin
DELETE FROM mix;
TRUNCATE mix_without_key, by_enum;
INSERT INTO by_enum VALUES ('', ROW(1, '', 1), floats(1, 2), 'new');
:finish
:roll_back
RESET extra_float_digits;
SELECT * FROM yesterday.attic;

-- a composite type changes beneath a table: with a key all comes back, and without one, where whole rows are compared,
-- the type is made anew
CREATE TYPE part AS (a int, b numeric[]);
CREATE TABLE keyed_part (id int PRIMARY KEY, p part, ps part[]);
INSERT INTO keyed_part SELECT i, ROW(i, '{1.10,NULL,NaN}')::part, ARRAY[ROW(i, NULL)::part, NULL] FROM generate_series(1, 5) i;
SELECT yesterday.track('keyed_part');
:begin
ALTER TYPE part ADD ATTRIBUTE c int;
UPDATE keyed_part SET p = NULL WHERE id < 3;
UPDATE keyed_part SET ps = ARRAY[ROW(1, '{}', 5)::part] WHERE id = 4;
DELETE FROM keyed_part WHERE id = 5;
:finish
SELECT subject, outcome, rows FROM rollback_preview() WHERE rows IS NOT NULL;
:roll_back
CREATE TABLE keyless_part AS TABLE keyed_part;
SELECT yesterday.track('keyless_part');
:begin
ALTER TYPE part ADD ATTRIBUTE c int;
DELETE FROM keyless_part WHERE id = 1;
UPDATE keyless_part SET p = NULL WHERE id = 2;
:finish
:roll_back

-- partitions that have the type, too, stay as they are
CREATE TABLE parted (p part, n int) PARTITION BY RANGE (n);
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
CALL oracle.remember();
SELECT yesterday.begin_deployment('half', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
DELETE FROM keyless_part WHERE id = 1;
UPDATE keyless_part SET id = 22 WHERE id = 2;
ALTER TYPE part ADD ATTRIBUTE c int;
UPDATE keyless_part SET p.c = 33 WHERE id = 3;
INSERT INTO parted VALUES (ROW(1, NULL, 4)::part, 1);
DELETE FROM parted;
RESET yesterday.deployment;
SELECT subject, outcome, rows, detail FROM yesterday.abandon_deployment(:id);
SELECT * FROM oracle.difference();
-- of rows that somebody has changed since, the abandonment says that they are not there as the deployment wrote them
SELECT yesterday.begin_deployment('half', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE keyless_part SET id = 22 WHERE id = 2;
ALTER TYPE part ADD ATTRIBUTE c int;
\c -
UPDATE keyless_part SET id = 222 WHERE id = 22;
SELECT subject, outcome, rows, detail FROM yesterday.abandon_deployment(:id);
SELECT id FROM keyless_part ORDER BY id;

-- in a key, too; what somebody else wrote meanwhile with a value in the new attribute has no place in the table of before
CREATE TABLE by_part (p part PRIMARY KEY, v text);
INSERT INTO by_part SELECT ROW(i, NULL)::part, 'v' || i FROM generate_series(1, 5) i;
SELECT yesterday.track('by_part');
CALL oracle.remember();
SELECT yesterday.begin_deployment('key', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE by_part SET v = 'changed' WHERE v = 'v1';
ALTER TYPE part ADD ATTRIBUTE c int;
INSERT INTO by_part VALUES (ROW(1, NULL, 5), 'new'), (ROW(7, NULL, NULL), 'new');
UPDATE by_part SET p.c = 7 WHERE v = 'v2';
\c -
INSERT INTO by_part VALUES (ROW(8, NULL, 8), 'of others'), (ROW(9, NULL, NULL), 'of others'), (ROW(3, NULL, 8), 'of others');
SET yesterday.deployment = :id;
UPDATE by_part SET v = v || '!';
\c -
SELECT subject, outcome, rows, detail FROM yesterday.abandon_deployment(:id) WHERE rows IS NOT NULL;
SELECT * FROM by_part ORDER BY p;
SELECT kind, row_data FROM yesterday.attic WHERE table_name = 'by_part' ORDER BY row_data::text;
