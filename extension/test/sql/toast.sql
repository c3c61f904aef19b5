-- Values that are long, compressed, out of line, or stored in every other way.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE big (id int PRIMARY KEY, n int, ext text, main text, plain text, extended text, doc jsonb, b bytea, list text[]);
ALTER TABLE big ALTER ext SET STORAGE EXTERNAL, ALTER main SET STORAGE MAIN, ALTER plain SET STORAGE PLAIN;
-- incompressible, compressible, short
CREATE FUNCTION noise(n int, seed int) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT string_agg(md5(i::text || seed), '') FROM generate_series(1, n) i $$;
INSERT INTO big
SELECT i, i, noise(400, i), repeat('main', 700), repeat('p', 500), noise(100 * i, i), jsonb_build_object('t', noise(200, -i), 'r', repeat('x', 100000)),
       decode(noise(300, i * 7), 'hex'), ARRAY[noise(90, i), repeat('y', 5000), NULL]
FROM generate_series(1, 20) i;
CREATE TABLE big_without_key AS SELECT * FROM big;
SELECT yesterday.track('big'), yesterday.track('big_without_key');
:begin
UPDATE big SET n = -n WHERE id <= 4;
UPDATE big SET n = n - 1000 WHERE id <= 2;
UPDATE big SET ext = ext || '!', extended = NULL WHERE id BETWEEN 5 AND 8;
UPDATE big SET doc = doc || '{"more": 1}', b = '' WHERE id BETWEEN 8 AND 10;
DELETE FROM big WHERE id BETWEEN 11 AND 13;
DELETE FROM big WHERE id = 14;
INSERT INTO big SELECT 14, n, ext, main, plain, extended, doc, b, list FROM big WHERE id = 15;
INSERT INTO big (id, doc) SELECT 100, to_jsonb(noise(1000, 5));
UPDATE big SET id = id + 1000 WHERE id > 18 AND id < 100;
DELETE FROM big_without_key WHERE id < 4;
UPDATE big_without_key SET n = 0 WHERE id = 5;
:finish
:roll_back
:begin
TRUNCATE big, big_without_key;
INSERT INTO big (id, ext) VALUES (1, noise(10000, 1));
:finish
:roll_back
-- the same, with other storage and compression at rollback than at capture
:begin
DELETE FROM big WHERE id < 10;
UPDATE big SET extended = extended || 'x';
:finish
ALTER TABLE big ALTER extended SET STORAGE EXTERNAL, ALTER doc SET STORAGE MAIN;
CALL oracle.remember('altered');
SELECT subject, outcome, rows FROM rollback_last();
SELECT object, left(content, 60) FROM oracle.difference() WHERE object NOT LIKE 'shape%';
CALL oracle.clear();

-- a long value as key
CREATE TABLE wide_key (k text, v text, PRIMARY KEY (k));
INSERT INTO wide_key SELECT left(noise(60, i), 2000), noise(100, i) FROM generate_series(1, 10) i;
INSERT INTO wide_key SELECT repeat('k', 20000), repeat('v', 20000);
SELECT yesterday.track('wide_key');
:begin
UPDATE wide_key SET v = 'short' WHERE k LIKE 'k%';
UPDATE wide_key SET k = 'z' || k WHERE k NOT LIKE 'k%';
INSERT INTO wide_key SELECT repeat('j', 20000), repeat('v', 20000);
:finish
:roll_back
