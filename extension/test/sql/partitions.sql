-- Partitioned tables: written through the parent and directly, rows moved, sub-partitions,
-- default partition, partitions attached and created later.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE p (region text, id int, v text, n int, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
CREATE TABLE p_eu PARTITION OF p FOR VALUES IN ('de', 'fr') PARTITION BY RANGE (id);
CREATE TABLE p_eu_1 PARTITION OF p_eu FOR VALUES FROM (1) TO (100);
-- other column order, dropped column
CREATE TABLE p_eu_2 (gone int, n int, v text, id int NOT NULL, region text NOT NULL);
ALTER TABLE p_eu_2 DROP gone;
ALTER TABLE p_eu ATTACH PARTITION p_eu_2 FOR VALUES FROM (100) TO (200);
CREATE TABLE p_us PARTITION OF p FOR VALUES IN ('us');
CREATE TABLE p_default PARTITION OF p DEFAULT;
INSERT INTO p SELECT (ARRAY['de', 'fr', 'us', 'jp'])[1 + i % 4], i, 'v' || i, i FROM generate_series(1, 199) i;
CREATE TABLE h (id int, v text) PARTITION BY HASH (id);
CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO h SELECT i % 50, 'v' FROM generate_series(1, 100) i;
SELECT yesterday.track('p'), yesterday.track('h');
SELECT table_name, key_kind, key_columns, state FROM yesterday.tracked;
:begin
UPDATE p SET v = v || '!' WHERE id % 3 = 0;
UPDATE p SET region = 'us' WHERE region = 'de' AND id < 50;
UPDATE p SET region = 'br', n = -n WHERE region = 'us' AND id % 5 = 0;
UPDATE p_eu SET id = id + 101 WHERE region = 'fr' AND id < 20;
UPDATE p_eu_2 SET v = 'direct' WHERE id = 101;
DELETE FROM p WHERE id BETWEEN 60 AND 70;
INSERT INTO p VALUES ('de', 61, 'new'), ('us', 1000, 'new'), ('xx', 1, 'new');
INSERT INTO p_us VALUES ('us', 1001, 'direct');
UPDATE h SET id = id + 1;
DELETE FROM h WHERE id = 7;
:finish
:roll_back
-- a row moved there and back
:begin
UPDATE p SET region = 'us' WHERE region = 'jp';
UPDATE p SET region = 'jp' WHERE region = 'us' AND id % 4 = 3;
UPDATE p SET region = 'de' WHERE region = 'us' AND id < 100;
UPDATE p SET region = 'us' WHERE region = 'de' AND id % 4 = 2;
:finish
:roll_back
:begin
TRUNCATE p;
INSERT INTO p VALUES ('de', 1, 'only'), ('jp', 1, 'only');
TRUNCATE h0;
:finish
:roll_back
-- a partition as it was
:begin
UPDATE p SET v = 'x' WHERE id < 10;
DELETE FROM p WHERE id > 190;
:finish
SELECT count(*), count(*) FILTER (WHERE v = 'v' || id) FROM yesterday.prior(NULL::p_us, '4');
:roll_back
-- the whole of it as it was, with rows that moved, partitions that came since and an untouched one
CREATE TABLE p_before AS TABLE p;
BEGIN;
SELECT yesterday.begin_deployment('moves') AS moves \gset
UPDATE p SET v = v || '!' WHERE id % 3 = 0 AND region <> 'jp';
UPDATE p SET region = 'us' WHERE region = 'de' AND id < 50;
UPDATE p_eu SET id = id + 101 WHERE region = 'fr' AND id < 20;
DELETE FROM p WHERE id BETWEEN 60 AND 70 AND region <> 'jp';
CREATE TABLE p_new PARTITION OF p FOR VALUES IN ('new');
INSERT INTO p VALUES ('new', 1, 'new'), ('de', 61, 'new');
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;
SELECT count(*) > 0 AS differs FROM (TABLE p EXCEPT ALL TABLE p_before) x;
SELECT * FROM (TABLE p_before EXCEPT ALL SELECT * FROM yesterday.prior(NULL::p, :'moves')) x;
SELECT * FROM (SELECT * FROM yesterday.prior(NULL::p, :'moves') EXCEPT ALL TABLE p_before) x;
SELECT * FROM (SELECT * FROM p_before WHERE region IN ('de', 'fr') EXCEPT ALL SELECT * FROM yesterday.prior(NULL::p_eu, :'moves')) x;
-- a partition that went since cannot be shown as part of it
BEGIN;
SELECT yesterday.begin_deployment('detaches');
ALTER TABLE p DETACH PARTITION p_us;
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;
SELECT oracle.refusal(format('SELECT * FROM yesterday.prior(NULL::p, %L)', :'moves'));
SELECT count(*) FROM yesterday.prior(NULL::p_us, :'moves');
SELECT count(*) > 0 AS rolled_back FROM rollback_last();
SELECT count(*) > 0 AS rolled_back FROM rollback_last(:'moves');
SELECT * FROM (TABLE p_before EXCEPT ALL TABLE p) x;
CALL oracle.clear();
DROP TABLE p_before;
-- a partition made later is under capture, and so is one that is attached
CREATE TABLE p_uk PARTITION OF p FOR VALUES IN ('uk');
CREATE TABLE p_in (LIKE p INCLUDING ALL);
INSERT INTO p_in VALUES ('in', 1, 'i', 1);
ALTER TABLE p ATTACH PARTITION p_in FOR VALUES IN ('in');
INSERT INTO p VALUES ('uk', 1, 'u', 1);
SELECT table_name, state FROM yesterday.tracked WHERE table_name IN ('p_uk', 'p_in');
:begin
UPDATE p SET v = 'changed' WHERE region IN ('uk', 'in');
:finish
:roll_back
-- a partition made by the deployment itself
:begin
CREATE TABLE p_cn PARTITION OF p FOR VALUES IN ('cn');
INSERT INTO p VALUES ('cn', 1, 'c', 1);
UPDATE p SET v = 'moved', region = 'cn', id = 2 WHERE region = 'in';
:finish
SELECT subject, outcome, rows FROM rollback_last();
SELECT object, verdict, content FROM oracle.difference();
CALL oracle.clear();
SELECT table_name, state FROM yesterday.tracked WHERE table_name IN ('p_uk', 'p_in', 'p_cn');

-- partitions below partitions, rows that move by every statement and by foreign keys that follow them
CREATE TABLE deep (r text, id int, v text, g int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (r, id)) PARTITION BY LIST (r);
CREATE TABLE deep_a PARTITION OF deep FOR VALUES IN ('a') PARTITION BY RANGE (id);
CREATE TABLE deep_a1 PARTITION OF deep_a FOR VALUES FROM (0) TO (10) PARTITION BY HASH (id);
CREATE TABLE deep_a1h0 PARTITION OF deep_a1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE deep_a1h1 (v text, x int, id int NOT NULL, r text NOT NULL, g int GENERATED ALWAYS AS (id * 2) STORED);
ALTER TABLE deep_a1h1 DROP x;
ALTER TABLE deep_a1 ATTACH PARTITION deep_a1h1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE deep_ad PARTITION OF deep_a DEFAULT;
CREATE TABLE deep_b PARTITION OF deep FOR VALUES IN ('b');
CREATE TABLE deep_d PARTITION OF deep DEFAULT PARTITION BY LIST (r);
CREATE TABLE deep_dn PARTITION OF deep_d FOR VALUES IN ('n');
CREATE TABLE deep_dd PARTITION OF deep_d DEFAULT;
INSERT INTO deep SELECT (ARRAY['a', 'b', 'n', 'z'])[1 + i % 4], i, 'v' FROM generate_series(1, 40) i;
CREATE TABLE follows (id int PRIMARY KEY, r text, deep int, FOREIGN KEY (r, deep) REFERENCES deep ON UPDATE CASCADE ON DELETE SET NULL) PARTITION BY RANGE (id);
CREATE TABLE follows_1 PARTITION OF follows FOR VALUES FROM (0) TO (20);
CREATE TABLE follows_d PARTITION OF follows DEFAULT;
INSERT INTO follows SELECT i, (ARRAY['a', 'b', 'n', 'z'])[1 + i % 4], i FROM generate_series(1, 40) i;
SELECT yesterday.track('deep'), yesterday.track('follows');
:begin
UPDATE deep SET r = 'a' WHERE r = 'z' AND id < 20;
UPDATE deep SET id = id + 1000 WHERE id % 5 = 0;
UPDATE deep_a SET id = id + 2000 WHERE id < 10;
INSERT INTO deep VALUES ('a', 8, 'new'), ('q', 1, 'new'), ('b', 1, 'x') ON CONFLICT (r, id) DO UPDATE SET v = 'conflict';
MERGE INTO deep USING (SELECT r, id FROM deep WHERE id % 7 = 0) s ON deep.r = s.r AND deep.id = s.id
    WHEN MATCHED AND deep.r = 'b' THEN DELETE
    WHEN MATCHED THEN UPDATE SET r = 'b', v = 'merged';
WITH gone AS (DELETE FROM deep WHERE r = 'n' RETURNING *) INSERT INTO deep SELECT 'm', id, v || ' moved' FROM gone;
UPDATE follows SET id = id + 100 WHERE id < 5;
DELETE FROM deep_dd WHERE id > 35;
:finish
:roll_back

-- who may read the parent may see what it was before, also where no partition may be read by itself
CREATE SCHEMA inner_schema;
CREATE TABLE q (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE inner_schema.q1 (v text, id int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE inner_schema.q1a PARTITION OF inner_schema.q1 FOR VALUES FROM (0) TO (50);
ALTER TABLE q ATTACH PARTITION inner_schema.q1 FOR VALUES FROM (0) TO (100);
CREATE TABLE q2 PARTITION OF q FOR VALUES FROM (100) TO (200);
CREATE TABLE q3 (id int PRIMARY KEY, v text);
INSERT INTO q SELECT i, 'v' || i FROM generate_series(10, 190, 20) i WHERE i NOT BETWEEN 50 AND 99;
INSERT INTO q3 VALUES (210, 'no part of it');
SELECT yesterday.track('q'), yesterday.track('q3');
CREATE TABLE q_before AS TABLE q;
BEGIN;
SELECT yesterday.begin_deployment('parent') AS parent \gset
UPDATE q SET v = 'x' WHERE id < 120;
DELETE FROM q WHERE id > 150;
UPDATE q3 SET v = 'still none';
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('attaches') IS NULL AS failed;
ALTER TABLE q ATTACH PARTITION q3 FOR VALUES FROM (200) TO (300);
UPDATE q SET v = 'y' WHERE id > 200;
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;
SELECT * FROM (TABLE q_before EXCEPT ALL SELECT * FROM yesterday.prior(NULL::q, :'parent')) x;
SELECT * FROM (SELECT * FROM yesterday.prior(NULL::q, :'parent') EXCEPT ALL TABLE q_before) x;
RESET SESSION AUTHORIZATION;
GRANT yesterday_viewer TO regress_stranger;
GRANT SELECT ON q, q_before TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT * FROM (TABLE q_before EXCEPT ALL SELECT * FROM yesterday.prior(NULL::q, :'parent')) x;
SELECT * FROM (SELECT * FROM yesterday.prior(NULL::q, :'parent') EXCEPT ALL TABLE q_before) x;
SELECT table_name, count(*) FROM yesterday.diff(:'parent') GROUP BY 1 ORDER BY 1;
-- but not when the rows of the parent are hidden from them
RESET SESSION AUTHORIZATION;
ALTER TABLE q ENABLE ROW LEVEL SECURITY;
SET SESSION AUTHORIZATION regress_stranger;
SELECT oracle.refusal(format('SELECT * FROM yesterday.prior(NULL::q, %L)', :'parent'));
SELECT count(*) FROM yesterday.diff(:'parent');
-- nor by the row type of another table
CREATE TEMP TABLE other (id int, v text);
SELECT oracle.refusal('SELECT * FROM yesterday._prior_rows(NULL::other, ''public.q2''::regclass, NULL, 1)');
RESET SESSION AUTHORIZATION;
REVOKE yesterday_viewer FROM regress_stranger;
SET SESSION AUTHORIZATION regress_author;
SELECT oracle.refusal('SELECT * FROM yesterday._prior_rows(NULL::other, ''public.q2''::regclass, NULL, 1)');
SELECT count(*) > 0 AS rolled_back FROM rollback_last();
SELECT count(*) > 0 AS rolled_back FROM rollback_last(:'parent');
SELECT * FROM (TABLE q_before EXCEPT ALL TABLE q) x;
CALL oracle.clear();
