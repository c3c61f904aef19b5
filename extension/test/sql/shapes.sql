-- Tables of unusual shape: no columns, dropped columns, as many columns as can be.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE holes (gone1 text, id int, gone2 jsonb, v text, gone3 int, w int DEFAULT 5, gone4 text);
INSERT INTO holes SELECT 'g', i, '{}', 'v' || i, i, i, 'g' FROM generate_series(1, 30) i;
ALTER TABLE holes DROP gone1, DROP gone2, DROP gone3, DROP gone4;
ALTER TABLE holes ADD PRIMARY KEY (id), ADD late text DEFAULT 'late', ADD later int;
CREATE TABLE all_gone (a int, b text);
INSERT INTO all_gone SELECT i, 'x' FROM generate_series(1, 5) i;
ALTER TABLE all_gone DROP a, DROP b;
SELECT yesterday.track(x) FROM unnest('{nothing,holes,all_gone}'::regclass[]) x;
:begin
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO nothing SELECT FROM generate_series(1, 3);
DELETE FROM all_gone WHERE ctid IN (SELECT ctid FROM all_gone LIMIT 2);
UPDATE holes SET v = NULL, late = 'x' WHERE id < 10;
DELETE FROM holes WHERE id > 20;
INSERT INTO holes (id) VALUES (100);
:finish
:roll_back
:begin
TRUNCATE nothing, all_gone, holes;
INSERT INTO all_gone DEFAULT VALUES;
:finish
:roll_back

-- columns added without a rewrite are absent in old rows
ALTER TABLE holes ADD fast text DEFAULT 'given to all';
:begin
UPDATE holes SET fast = 'changed' WHERE id < 5;
DELETE FROM holes WHERE id = 6;
UPDATE holes SET v = 'other' WHERE id = 7;
:finish
:roll_back

-- 1,590 columns, many of them dropped, and as many as a shadow table has room for one by one
DO $$
BEGIN
    EXECUTE 'CREATE TABLE wide (id int PRIMARY KEY' || (SELECT string_agg(format(', c%s bool', i), '' ORDER BY i) FROM generate_series(1, 1595) i) || ')';
    INSERT INTO wide SELECT i FROM generate_series(1, 10) i;
    UPDATE wide SET c1 = true, c1595 = true;
    EXECUTE 'CREATE TABLE wide_holes (id int PRIMARY KEY' || (SELECT string_agg(format(', c%s int', i), '' ORDER BY i) FROM generate_series(1, 1598) i) || ')';
    EXECUTE 'ALTER TABLE wide_holes' || (SELECT string_agg(format(' DROP c%s', i), ', ') FROM generate_series(1, 1590) i);
    EXECUTE 'INSERT INTO wide_holes SELECT i, i, i, i FROM generate_series(1, 10) i';
END
$$;
SELECT yesterday.track('wide'), yesterday.track('wide_holes');
:begin
UPDATE wide SET c800 = false, c1595 = NULL WHERE id < 5;
DELETE FROM wide WHERE id = 6;
INSERT INTO wide (id, c1000) VALUES (11, true);
UPDATE wide_holes SET c1595 = -1 WHERE id < 5;
DELETE FROM wide_holes WHERE id = 6;
:finish
:roll_back
