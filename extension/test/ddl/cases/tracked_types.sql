-- Types of columns of tracked tables, whose rows the deployment writes as well.

-- case: label added to the enum of a tracked table
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TABLE t (id int PRIMARY KEY, c colour, cs colour[], r tstzrange);
INSERT INTO t VALUES (1, 'red', '{red,green}', '[2020-01-01,2021-01-01)'), (2, 'green', NULL, NULL);
SELECT yesterday.track('t');
-- deploy
ALTER TYPE colour ADD VALUE 'blue' BEFORE 'green';
UPDATE t SET c = 'green' WHERE id = 1;
DELETE FROM t WHERE id = 2;

-- case: column of an enum dropped from a tracked table, and a label added
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TABLE t (id int PRIMARY KEY, c colour, v text);
INSERT INTO t VALUES (1, 'red', 'a'), (2, 'green', 'b');
SELECT yesterday.track('t');
-- deploy
ALTER TABLE t DROP COLUMN c;
ALTER TYPE colour ADD VALUE 'blue';
UPDATE t SET v = 'new' WHERE id = 1;
-- case: collation of a key changed, an index with the one of after by name, rows that only fit its type of after
-- setup
CREATE TABLE t (k varchar(2) COLLATE "POSIX" PRIMARY KEY, v text);
CREATE INDEX t_both ON t (v, k COLLATE "C" DESC);
INSERT INTO t VALUES ('a', 'x'), ('b', 'y');
SELECT yesterday.track('t');
-- deploy
ALTER TABLE t ALTER k TYPE text COLLATE "C";
INSERT INTO t VALUES ('longer', 'z');
