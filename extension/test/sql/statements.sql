-- Every statement that writes: ON CONFLICT, MERGE, COPY, CTEs, UPDATE FROM, cursors, prepared
-- statements, WHERE CURRENT OF, SELECT FOR UPDATE.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE s (id int PRIMARY KEY, v text UNIQUE, n int);
CREATE TABLE src (id int, v text, n int);
INSERT INTO s SELECT i, 'v' || i, i FROM generate_series(1, 50) i;
INSERT INTO src SELECT i, 's' || i, i * 10 FROM generate_series(40, 60) i;
SELECT yesterday.track('s');
:begin
INSERT INTO s SELECT * FROM src ON CONFLICT (id) DO UPDATE SET v = excluded.v WHERE s.id <> 45;
INSERT INTO s VALUES (1, 'x', 1), (70, 'y', 1) ON CONFLICT DO NOTHING;
INSERT INTO s VALUES (2, 'v2', 2) ON CONFLICT (v) DO UPDATE SET id = 200;
:finish
:roll_back
:begin
MERGE INTO s USING src ON s.id = src.id
    WHEN MATCHED AND s.id % 3 = 0 THEN DELETE
    WHEN MATCHED AND s.id % 3 = 1 THEN UPDATE SET v = 'merged ' || src.v, n = src.n
    WHEN MATCHED THEN DO NOTHING
    WHEN NOT MATCHED THEN INSERT VALUES (src.id, src.v, src.n);
:finish
:roll_back
:begin
COPY s FROM stdin;
100	copied	\N
101	copied too	5
\.
COPY s (id) FROM stdin;
102
\.
:finish
:roll_back
:begin
WITH moved AS (DELETE FROM s WHERE id < 10 RETURNING *),
     back AS (INSERT INTO s SELECT id + 1000, v || ' moved', n FROM moved RETURNING id)
UPDATE s SET n = -1 FROM back WHERE s.id = back.id - 990;
UPDATE s SET v = src.v FROM src WHERE src.id = s.id AND s.id > 45;
DELETE FROM s USING src WHERE src.id = s.id AND s.id < 42;
:finish
:roll_back
:begin
DECLARE c CURSOR FOR SELECT * FROM s ORDER BY id FOR UPDATE;
MOVE 3 FROM c;
FETCH c;
UPDATE s SET v = 'current' WHERE CURRENT OF c;
FETCH c;
DELETE FROM s WHERE CURRENT OF c;
CLOSE c;
PREPARE w (int, text) AS UPDATE s SET v = $2 WHERE id = $1;
EXECUTE w (10, 'prepared');
EXECUTE w (10, 'prepared again');
EXECUTE w (11, 'prepared too');
DEALLOCATE w;
SELECT count(*) FROM (SELECT * FROM s WHERE id > 40 FOR UPDATE) l;
SELECT count(*) FROM (SELECT * FROM s WHERE id > 45 FOR KEY SHARE) l;
UPDATE s SET n = 0 WHERE id > 48;
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT * FROM s WHERE id BETWEEN 20 AND 25 LOOP
        UPDATE s SET n = r.n + 1 WHERE id = r.id;
        DELETE FROM s WHERE id = r.id AND r.id % 2 = 0;
    END LOOP;
END $$;
:finish
:roll_back
-- a cursor held open over the table while the deployment finishes
:begin
UPDATE s SET v = 'c' || id WHERE id < 4;
DECLARE open_one CURSOR FOR SELECT * FROM s;
FETCH open_one;
:finish
:roll_back
-- locked or read by an earlier statement of the deployment, and rewritten in a loop
:begin
DO $$
BEGIN
    FOR i IN 1..200 LOOP
        UPDATE s SET n = n + i WHERE id % 5 = i % 5;
    END LOOP;
END $$;
:finish
:roll_back
