-- A key that is inserted where it has a record already gets no second one, also before anything is settled.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
RESET SESSION AUTHORIZATION;
-- records in the shadows of a table as they are now: op and how many
CREATE FUNCTION oracle.records(name text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    counted text;
    shadow name;
BEGIN
    PERFORM yesterday._capture_flush();
    SELECT t.shadow_name INTO shadow FROM yesterday.captured_table t WHERE t.table_name = name ORDER BY t.id DESC LIMIT 1;
    EXECUTE format('SELECT string_agg(op || n, '' '' ORDER BY op) FROM (SELECT op, count(*) AS n FROM yesterday_shadow.%I GROUP BY op) x', shadow)
    INTO counted;
    RETURN counted;
END
$$;
SET SESSION AUTHORIZATION regress_author;
CREATE TABLE item (id bigint PRIMARY KEY, code text NOT NULL UNIQUE, data text);
INSERT INTO item SELECT n, 'code ' || n, 'data ' || n FROM generate_series(1, 500) n;
CREATE TABLE pair (a text, b date, v text, PRIMARY KEY (b, a));
INSERT INTO pair SELECT 'a' || n % 7, date '2020-01-01' + n, 'v' || n FROM generate_series(1, 100) n;
CREATE TABLE late (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v text);
INSERT INTO late SELECT n, 'v' || n FROM generate_series(1, 20) n;
CREATE TABLE amount (id numeric PRIMARY KEY, v text);
INSERT INTO amount VALUES (1.0, 'one'), (2.00, 'two'), (3, 'three');
CREATE TABLE last_key (v text, w int, x int, id uuid PRIMARY KEY);
INSERT INTO last_key SELECT 'v' || n, NULL, n, md5(n::text)::uuid FROM generate_series(1, 30) n;
SELECT yesterday.track(t) FROM unnest('{item,pair,late,amount,last_key}'::regclass[]) t;

-- a data copy, twice over
:begin
DELETE FROM item;
INSERT INTO item SELECT n, 'code ' || n, 'new ' || n FROM generate_series(1, 510) n;
SELECT oracle.records('item');
DELETE FROM item;
INSERT INTO item SELECT n, 'code ' || n, 'newer ' || n FROM generate_series(1, 510) n;
SELECT oracle.records('item');
DELETE FROM pair;
INSERT INTO pair SELECT 'a' || n % 7, date '2020-01-01' + n, 'new' || n FROM generate_series(1, 101) n;
SELECT oracle.records('pair');
DELETE FROM last_key WHERE x <= 10;
INSERT INTO last_key SELECT NULL, n, NULL, md5(n::text)::uuid FROM generate_series(1, 10) n;
INSERT INTO last_key VALUES (NULL, NULL, NULL, md5('other')::uuid);
SELECT oracle.records('last_key');
:finish
RESET SESSION AUTHORIZATION;
SELECT shadow_name AS item_shadow FROM yesterday.captured_table WHERE table_name = 'item' \gset
SELECT shadow_name AS last_shadow FROM yesterday.captured_table WHERE table_name = 'last_key' \gset
-- rows are written in another form by it, and are no less sealed
VACUUM FULL yesterday_shadow.:item_shadow;
VACUUM FULL yesterday_shadow.:last_shadow;
SET SESSION AUTHORIZATION regress_author;
:roll_back

-- emptied and filled
:begin
TRUNCATE item;
INSERT INTO item SELECT n, 'code ' || n, 'filled ' || n FROM generate_series(101, 600) n;
SELECT oracle.records('item');
:finish
:roll_back

-- a key given away and taken back
:begin
UPDATE item SET id = id + 1000 WHERE id <= 100;
UPDATE item SET id = id - 1000 WHERE id > 1000;
UPDATE item SET id = id + 1000 WHERE id <= 50;
SELECT oracle.records('item');
:finish
:roll_back

-- what a savepoint takes back is no record
:begin
DELETE FROM item WHERE id <= 10;
SAVEPOINT a;
DELETE FROM item WHERE id <= 30;
INSERT INTO item VALUES (5, 'five', NULL), (25, 'twenty-five', NULL), (700, '700', NULL);
SELECT oracle.records('item');
SAVEPOINT b;
INSERT INTO item VALUES (6, 'six', NULL), (701, '701', NULL);
RELEASE b;
ROLLBACK TO a;
INSERT INTO item VALUES (5, 'five', NULL), (700, '700', NULL), (701, '701', NULL);
DELETE FROM item WHERE id IN (25, 700);
INSERT INTO item VALUES (25, 'twenty-five', NULL), (700, '700', NULL);
SELECT oracle.records('item');
SAVEPOINT c;
DELETE FROM item WHERE id = 40;
RELEASE c;
INSERT INTO item VALUES (40, 'forty', NULL);
SELECT oracle.records('item');
:finish
:roll_back

-- inserted before its like of before goes, where the constraint is checked later: settled at the end
:begin
INSERT INTO late VALUES (5, 'other five');
DELETE FROM late WHERE v = 'v5';
SELECT oracle.records('late');
-- equal keys of other bytes
DELETE FROM amount;
INSERT INTO amount VALUES (1.00, 'uno'), (2.00, 'dos'), (4, 'cuatro');
SELECT oracle.records('amount');
:finish
RESET SESSION AUTHORIZATION;
SELECT oracle.records('late'), oracle.records('amount');
SET SESSION AUTHORIZATION regress_author;
:roll_back
