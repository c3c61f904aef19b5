-- Every index of a table finds the rows that were put back, whatever happened to it in between: of every access method,
-- over expressions, partial, and of those that summarize (brin), which an update in place has to enter, too.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE part (id int PRIMARY KEY, a int, t text, items int[], span int4range, b int, p point) WITH (fillfactor = 50);
INSERT INTO part SELECT i, i, 't' || i, ARRAY[i, i + 1], int4range(i, i + 2), i, point(i, i) FROM generate_series(1, 300) i;
CREATE INDEX part_hash ON part USING hash (t);
CREATE INDEX part_gin ON part USING gin (items) WITH (fastupdate = off);
CREATE INDEX part_gist ON part USING gist (span);
CREATE INDEX part_brin ON part USING brin (b) WITH (pages_per_range = 1);
CREATE INDEX part_spgist ON part USING spgist (p);
CREATE INDEX part_expression ON part ((a % 7), lower(t)) WHERE a > 10;
CREATE TABLE summarized (id int PRIMARY KEY, b int, pad text) WITH (fillfactor = 30);
INSERT INTO summarized SELECT i, i, repeat('x', 50) FROM generate_series(1, 1000) i;
CREATE INDEX summarized_brin ON summarized USING brin (b) WITH (pages_per_range = 1);
SELECT yesterday.track('part'), yesterday.track('summarized');
:begin
UPDATE part SET t = 'z' || id, items = ARRAY[-id], span = int4range(-id, 0), b = 100000 + id, p = point(-id, -id), a = a + 1000 WHERE id % 3 = 0;
UPDATE part SET b = 200000 WHERE id % 2 = 0;
DELETE FROM part WHERE id % 11 = 0;
UPDATE summarized SET b = b + 1000000;
:finish
VACUUM summarized;
REINDEX INDEX part_brin;
REINDEX INDEX summarized_brin;
VACUUM FULL part;
:roll_back
SET enable_seqscan = off;
SET enable_indexscan = off;
SELECT count(*) AS missing FROM generate_series(1, 300) i WHERE (SELECT count(*) FROM part WHERE t = 't' || i) <> 1;
SELECT count(*) AS missing FROM generate_series(1, 300) i WHERE (SELECT count(*) FROM part WHERE items @> ARRAY[i, i + 1]) <> 1;
SELECT count(*) AS missing FROM generate_series(1, 300) i WHERE (SELECT count(*) FROM part WHERE span = int4range(i, i + 2)) <> 1;
SELECT count(*) AS missing FROM generate_series(1, 300) i WHERE (SELECT count(*) FROM part WHERE b = i) <> 1;
SELECT count(*) AS missing FROM generate_series(1, 300) i WHERE (SELECT count(*) FROM part WHERE p ~= point(i, i)) <> 1;
SELECT count(*) AS missing FROM generate_series(11, 300) i WHERE (SELECT count(*) FROM part WHERE a > 10 AND a % 7 = i % 7 AND lower(t) = 't' || i) <> 1;
SELECT count(*) AS missing FROM generate_series(1, 1000, 7) i WHERE (SELECT count(*) FROM summarized WHERE b = i) <> 1;
