-- What the preview foresees of definitions is what the rollback does, also where others have dropped, changed or built something
-- since the deployment; and what cannot go back is named once.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TEMP TABLE said (line text, n bigint);
-- roll back, tell what is held back, kept or set, and where the two reports differ
CREATE PROCEDURE compare() LANGUAGE plpgsql AS $$
DECLARE
    line record;
BEGIN
    TRUNCATE said;
    INSERT INTO said
    SELECT format('%s %s %s', subject, replace(outcome, 'would be ', ''), rows), count(*) FROM rollback_preview()
    WHERE subject NOT LIKE 'deployment %' GROUP BY 1;
    FOR line IN SELECT format('%s %s %s', subject, outcome, rows) AS text, count(*) AS n,
                       bool_or(outcome NOT IN ('recreated', 'rebuilt', 'altered', 'renamed')) AS told
                FROM rollback_last() WHERE subject NOT LIKE 'deployment %' GROUP BY 1 ORDER BY 1
    LOOP
        IF line.told THEN
            RAISE INFO '%: %', line.n, line.text;
        END IF;
        DELETE FROM said s WHERE s.line = line.text AND s.n = line.n;
        IF NOT FOUND THEN
            RAISE INFO 'NOT FORESEEN: %: %', line.n, line.text;
        END IF;
    END LOOP;
    FOR line IN SELECT s.line, s.n FROM said s ORDER BY 1
    LOOP
        RAISE INFO 'FORESEEN ONLY: %: %', line.n, line.line;
    END LOOP;
    PERFORM yesterday.clear_freeze('the test goes on');
END
$$;
CREATE TABLE t (id int PRIMARY KEY, a text, b int);
INSERT INTO t SELECT i, 'a' || i, i FROM generate_series(1, 4) i;
SELECT yesterday.track('t');
\set ECHO all
-- sequences that the deployment makes are not set back: they go
CREATE SEQUENCE old_one;
SELECT nextval('old_one');
:begin
CREATE SEQUENCE new_one;
ALTER SEQUENCE new_one RESTART WITH 50;
ALTER SEQUENCE old_one RESTART WITH 70;
ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS IDENTITY;
ALTER TABLE t ALTER COLUMN n RESTART WITH 90;
:finish
CALL compare();
-- a table that others have built on stays as deployed, and is named once
:begin
ALTER TABLE t DROP COLUMN a, ADD COLUMN a text;
:finish
CREATE DOMAIN theirs AS t;
CALL compare();
DROP DOMAIN theirs;
DROP TABLE t;
CREATE TABLE t (id int PRIMARY KEY, a text, b int);
INSERT INTO t SELECT i, 'a' || i, i FROM generate_series(1, 4) i;
SELECT yesterday.track('t');
-- so is one that was dropped and made again
CREATE TABLE base (id int PRIMARY KEY, v text);
:begin
DROP TABLE base;
CREATE TABLE base (id int PRIMARY KEY, w text);
:finish
CREATE DOMAIN theirs AS base;
CALL compare();
DROP DOMAIN theirs;
-- others have dropped what goes, and built on what goes
:begin
CREATE TABLE made (id int PRIMARY KEY);
CREATE VIEW seen AS SELECT id FROM made;
CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE DOMAIN positive AS int CONSTRAINT more_than_nothing CHECK (VALUE > 0);
:finish
DROP FUNCTION two();
INSERT INTO made VALUES (1);
CREATE VIEW theirs AS SELECT id FROM seen;
CREATE INDEX theirs_too ON made ((id + 1));
CALL compare();
-- a type that others use in a way that cannot follow
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE m (id int PRIMARY KEY, mood mood);
INSERT INTO m VALUES (1, 'good');
:begin
ALTER TYPE mood ADD VALUE 'ugly';
:finish
CREATE DOMAIN theirs AS mood;
CREATE TABLE uses (d theirs[]);
CALL compare();
DROP TABLE uses;
DROP DOMAIN theirs;
-- a partition with rows that others refer to
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE refers (p int REFERENCES p);
:begin
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
INSERT INTO p VALUES (1);
:finish
INSERT INTO refers VALUES (1);
CALL compare();
-- what the deployment alone demands of rows is not held against them: its indexes, whose functions can need a search path, its
-- constraints and references
\set ECHO none
CREATE TABLE child (id int PRIMARY KEY, t int, v text);
INSERT INTO child VALUES (1, 17, NULL), (2, NULL, 'x'), (3, NULL, 'x');
SELECT yesterday.track('child');
CREATE FUNCTION one(text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT $1 $$;
CREATE FUNCTION same(text) RETURNS text IMMUTABLE LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN RETURN one($1); END $$;
CREATE FUNCTION lost(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN one($1); END $$;
-- from 17 on an index runs its functions without one
SELECT CASE WHEN current_setting('server_version_num')::int < 170000 THEN 'lost' ELSE 'same' END AS function \gset
\set ECHO all
:begin
UPDATE child SET t = 1, v = 'v' || id;
ALTER TABLE child ALTER v SET NOT NULL, ADD CONSTRAINT other CHECK (v LIKE 'v%'), ADD CONSTRAINT one_each UNIQUE (v),
    ADD CONSTRAINT to_t FOREIGN KEY (t) REFERENCES t;
CREATE UNIQUE INDEX child_same ON child (:function(v));
:finish
CALL compare();
SELECT * FROM oracle.difference();
-- nor what it leaves to the partition that takes the rest
CREATE TABLE sorted (id int, k text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE rest PARTITION OF sorted DEFAULT;
INSERT INTO sorted SELECT n, substr('abc', 1 + n % 3, 1) FROM generate_series(1, 9) n;
SELECT yesterday.track('sorted');
:begin
CREATE TABLE b (LIKE sorted);
WITH gone AS (DELETE FROM sorted WHERE k = 'b' RETURNING *) INSERT INTO b SELECT * FROM gone;
ALTER TABLE sorted ATTACH PARTITION b FOR VALUES IN ('b');
:finish
CALL compare();
-- also where the rollback of a later deployment has made the table anew
CREATE TABLE anew (id int PRIMARY KEY, a text, b text);
INSERT INTO anew VALUES (1, 'a', NULL), (2, 'a', NULL);
SELECT yesterday.track('anew');
:begin
UPDATE anew SET b = id;
ALTER TABLE anew ALTER b SET NOT NULL, ADD CHECK (b <> ''), ADD CHECK (num_nulls(b) = 0);
CREATE UNIQUE INDEX ON anew ((b || 'x')) WHERE a = 'a';
:finish
:begin
ALTER TABLE anew DROP COLUMN a CASCADE;
:finish
CALL compare();
CALL compare();
-- columns that others have dropped since: what the deployment did to them is past
CREATE TABLE fewer (id int PRIMARY KEY, a text, b int, c text);
INSERT INTO fewer VALUES (1, 'a', 1, 'c');
:begin
ALTER TABLE fewer ALTER a SET DEFAULT 'a', ALTER b TYPE bigint, ADD d int;
ALTER TABLE fewer ALTER c TYPE int USING 1;
:finish
ALTER TABLE fewer DROP COLUMN a, DROP COLUMN b, DROP COLUMN c;
CALL compare();
SELECT * FROM fewer;
-- names are given back: others would wait for a lock, so that the plan of finish has to do, and the preview says so where it can be
-- another by now
:begin
ALTER TABLE m RENAME COLUMN mood TO feeling;
:finish
SELECT subject, outcome, detail FROM rollback_preview() WHERE subject NOT LIKE 'deployment%';
CREATE VIEW theirs AS SELECT feeling FROM m;
SELECT subject, outcome, detail FROM rollback_preview() WHERE subject NOT LIKE 'deployment%';
SELECT subject, outcome FROM rollback_last() WHERE subject NOT LIKE 'deployment%';
SELECT yesterday.clear_freeze('next');
-- nothing can be written
:begin
CREATE TABLE made (id int PRIMARY KEY);
:finish
SET default_transaction_read_only = on;
SELECT subject, outcome, detail FROM rollback_preview() WHERE subject NOT LIKE 'deployment%';
RESET default_transaction_read_only;
-- what others have written since is counted, and what they have built named, there too
INSERT INTO made VALUES (1), (2);
CREATE VIEW on_made AS SELECT id FROM made;
SET default_transaction_read_only = on;
SELECT subject, outcome, rows, detail FROM rollback_preview() WHERE subject NOT LIKE 'deployment%';
RESET default_transaction_read_only;
-- and nothing of a preview stays, no lock either that readers or writers would wait for
BEGIN;
SELECT subject, outcome FROM rollback_preview() WHERE subject NOT LIKE 'deployment%';
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock');
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM yesterday.schema_object WHERE phase = 'now' AND deployment = (SELECT max(id) FROM yesterday.deployment);
SELECT count(*) FROM yesterday.inverse_step WHERE rollback < 0;
