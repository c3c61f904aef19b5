-- Savepoints and exception blocks, rolled back half-way at several depths, with more rows than
-- any buffer holds.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE k (id int PRIMARY KEY, v text);
CREATE TABLE nk (id int, v text);
INSERT INTO k SELECT i, 'v' || i FROM generate_series(1, 6000) i;
INSERT INTO nk SELECT i % 500, 'v' FROM generate_series(1, 3000) i;
SELECT yesterday.track('k'), yesterday.track('nk');
:begin
UPDATE k SET v = 'out' WHERE id <= 700;
SAVEPOINT a;
UPDATE k SET v = 'a' WHERE id <= 1500;
SAVEPOINT b;
DELETE FROM k WHERE id BETWEEN 1000 AND 3500;
DELETE FROM nk WHERE id < 100;
SAVEPOINT c;
INSERT INTO k SELECT i, 'c' FROM generate_series(10001, 12500) i;
ROLLBACK TO c;
INSERT INTO k SELECT i, 'c2' FROM generate_series(10001, 10400) i;
RELEASE c;
ROLLBACK TO b;
UPDATE nk SET v = 'b' WHERE id < 50;
DELETE FROM k WHERE id BETWEEN 2000 AND 3300;
RELEASE b;
SAVEPOINT d;
UPDATE k SET v = 'd' WHERE id > 4000;
ROLLBACK TO a;
UPDATE k SET v = 'e' WHERE id BETWEEN 600 AND 900;
RELEASE a;
SAVEPOINT f;
SAVEPOINT g;
SAVEPOINT h;
DELETE FROM nk WHERE id BETWEEN 200 AND 210;
INSERT INTO nk SELECT 1, 'h' FROM generate_series(1, 1500);
RELEASE f;
UPDATE k SET v = 'last' WHERE id % 2 = 0;
:finish
:roll_back
-- exception blocks in a loop, nested, each undone in part
:begin
DO $$
BEGIN
    FOR i IN 1..300 LOOP
        BEGIN
            UPDATE k SET v = 'kept ' || i WHERE id = i;
            BEGIN
                DELETE FROM k WHERE id BETWEEN i * 10 AND i * 10 + 20;
                UPDATE nk SET v = 'lost' WHERE id = i;
                IF i % 3 <> 0 THEN RAISE EXCEPTION 'inner'; END IF;
            EXCEPTION WHEN raise_exception THEN
                INSERT INTO nk VALUES (i, 'inner');
            END;
            IF i % 7 = 0 THEN RAISE division_by_zero; END IF;
            BEGIN
                INSERT INTO k VALUES (i + 20000, 'new');
            EXCEPTION WHEN OTHERS THEN NULL;
            END;
        EXCEPTION WHEN division_by_zero THEN
            INSERT INTO k VALUES (i + 30000, 'outer') ON CONFLICT DO NOTHING;
        END;
    END LOOP;
END $$;
:finish
:roll_back
-- the first touch of a table is undone, then it is touched again
:begin
SAVEPOINT a;
DELETE FROM k WHERE id = 1;
INSERT INTO nk VALUES (9, 'a');
ROLLBACK TO a;
SAVEPOINT b;
DELETE FROM k WHERE id = 2;
RELEASE b;
ROLLBACK TO a;
UPDATE k SET v = 'x' WHERE id = 3;
SAVEPOINT c;
UPDATE k SET v = 'y' WHERE id = 3;
ROLLBACK TO c;
UPDATE k SET v = 'z' WHERE id IN (3, 4);
:finish
:roll_back
-- all of it is undone
:begin
SAVEPOINT a;
TRUNCATE k, nk;
ROLLBACK TO a;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT oracle.changes();
:roll_back
-- finish_deployment() itself in a savepoint that is undone
:begin
UPDATE k SET v = 'x' WHERE id = 1;
SAVEPOINT a;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
UPDATE k SET v = 'refused' WHERE id = 2;
ROLLBACK TO a;
UPDATE k SET v = 'y' WHERE id = 2;
:finish
:roll_back
-- thousands of subtransactions
:begin
DO $$
BEGIN
    FOR i IN 1..3000 LOOP
        BEGIN
            UPDATE k SET v = 'sub' WHERE id = i;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
END $$;
:finish
:roll_back
