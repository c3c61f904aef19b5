-- Tables without a key, with duplicate rows, are brought back with every duplicate.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE lookup (code text, label text, n numeric, at timestamptz);
INSERT INTO lookup SELECT 'c' || i % 5, CASE WHEN i % 7 <> 0 THEN 'l' || i % 3 END, i % 2, 'epoch' FROM generate_series(1, 100) i;
INSERT INTO lookup VALUES (NULL, NULL, NULL, NULL), (NULL, NULL, NULL, NULL);
SELECT yesterday.track('lookup');
SELECT key_kind, key_columns FROM yesterday.tracked;
:begin
DELETE FROM lookup WHERE ctid IN (SELECT min(ctid) FROM lookup GROUP BY code, label, n, at);
UPDATE lookup SET label = 'changed' WHERE code = 'c1';
UPDATE lookup SET label = 'changed again' WHERE code = 'c1' AND n = 1;
INSERT INTO lookup SELECT * FROM lookup WHERE code = 'c2';
INSERT INTO lookup VALUES (NULL, NULL, NULL, NULL);
UPDATE lookup SET n = 1.00 WHERE n = 1 AND code = 'c3';
:finish
:roll_back

-- rows equal to their neighbours, but not the same bytes
CREATE TABLE twin (n numeric, f float8, c char(3), i interval);
INSERT INTO twin VALUES (1, 0, 'a', '1 day'), (1.0, '-0', 'a', '24:00'), (1.00, 0, 'a', '1 day'), (1, 0, 'a', '1 day');
SELECT yesterday.track('twin');
:begin
DELETE FROM twin WHERE n::text = '1.0';
UPDATE twin SET n = 1.000 WHERE n::text = '1.00';
INSERT INTO twin VALUES (1.0, '-0', 'a', '1 day');
:finish
:roll_back

-- emptied and filled again
:begin
TRUNCATE lookup;
INSERT INTO lookup VALUES ('only');
TRUNCATE lookup;
INSERT INTO lookup SELECT 'c' || i % 5 FROM generate_series(1, 10) i;
DELETE FROM twin;
:finish
:roll_back

-- somebody else adds and takes duplicates afterwards
:begin
INSERT INTO lookup SELECT 'dup', 'l', 1, NULL FROM generate_series(1, 3);
DELETE FROM lookup WHERE code = 'c4';
:finish
INSERT INTO lookup SELECT 'dup', 'l', 1, NULL FROM generate_series(1, 2);
DELETE FROM lookup WHERE code = 'c3';
CALL oracle.remember('theirs');
SELECT subject, outcome, rows FROM rollback_last();
SELECT code, count(*) FROM lookup WHERE code IN ('dup', 'c3', 'c4') GROUP BY code ORDER BY code;
SELECT count(*) FROM yesterday.attic;
