-- Unique indexes that tell rows apart in a way of their own, or not all rows, are no key: rows of such
-- tables come back all the same.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\set roll_back_all 'SELECT count(*) > 0 AS finished FROM yesterday.finish_deployment(); COMMIT; SELECT oracle.changes() > 0 AS changed; SELECT count(*) > 0 AS foreseen FROM rollback_preview(); SELECT count(*) > 0 AS rolled_back FROM rollback_last(); SELECT * FROM oracle.difference(); CALL oracle.clear();'

-- an operator class of another equality; beside a key, too
RESET SESSION AUTHORIZATION;
CREATE SCHEMA absolute;
CREATE FUNCTION absolute.compare(int, int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT pg_catalog.btint4cmp(pg_catalog.abs($1), pg_catalog.abs($2))';
SELECT format('CREATE FUNCTION absolute.f%s(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS ''SELECT pg_catalog.abs($1) OPERATOR(pg_catalog.%s) pg_catalog.abs($2)''', n, o) || ';' ||
       format('CREATE OPERATOR absolute.|%s| (FUNCTION = absolute.f%s, LEFTARG = int, RIGHTARG = int)', o, n) FROM unnest('{<,<=,=,>=,>}'::text[]) WITH ORDINALITY AS u (o, n) \gexec
CREATE OPERATOR CLASS absolute.ops FOR TYPE int USING btree AS
    OPERATOR 1 absolute.|<|, OPERATOR 2 absolute.|<=|, OPERATOR 3 absolute.|=|, OPERATOR 4 absolute.|>=|, OPERATOR 5 absolute.|>|,
    FUNCTION 1 absolute.compare(int, int);
GRANT USAGE ON SCHEMA absolute TO PUBLIC;
SET SESSION AUTHORIZATION regress_author;
CREATE TABLE amount (a int NOT NULL, v text);
CREATE UNIQUE INDEX ON amount (a absolute.ops);
INSERT INTO amount SELECT i, 'v' || i FROM generate_series(1, 10) i;
CREATE TABLE amount_keyed (a int NOT NULL, v text);
CREATE UNIQUE INDEX ON amount_keyed (a absolute.ops);
ALTER TABLE amount_keyed ADD PRIMARY KEY (a);
INSERT INTO amount_keyed SELECT i, 'v' || i FROM generate_series(1, 10) i;

-- a collation to which more, or less, is equal than to the column's; where the server has ICU
DO $$
BEGIN
    CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
EXCEPTION WHEN feature_not_supported THEN
    CREATE COLLATION any_case FROM "C";
END
$$;
CREATE TABLE word (w text COLLATE "C" NOT NULL, v text);
CREATE UNIQUE INDEX ON word (w COLLATE any_case);
INSERT INTO word VALUES ('a', '1'), ('b', '2'), ('C', '3'), ('d', '4');
CREATE TABLE loose_word (w text COLLATE any_case NOT NULL, v text);
CREATE UNIQUE INDEX ON loose_word (w COLLATE "C");
INSERT INTO loose_word VALUES ('a', '1'), ('A', '2'), ('b', '3'), ('B', '4'), ('c', '5');
CREATE TABLE same_word (w text NOT NULL, v text);
CREATE UNIQUE INDEX ON same_word (w COLLATE "POSIX" text_pattern_ops) INCLUDE (v);
INSERT INTO same_word VALUES ('a', '1'), ('b', '2');

-- one that CREATE INDEX CONCURRENTLY left behind half-made
CREATE TABLE twice (a int NOT NULL, v text);
INSERT INTO twice VALUES (1, 'a'), (1, 'b'), (1, 'b'), (2, 'c'), (3, 'd');
CREATE UNIQUE INDEX CONCURRENTLY twice_a ON twice (a);

-- over a column whose NOT NULL was never made sure of (from 18 on)
CREATE TABLE unsure (a int UNIQUE, v text);
INSERT INTO unsure VALUES (NULL, 'x'), (NULL, 'y'), (NULL, 'y'), (1, 'a'), (2, 'b');
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 180000 THEN
        EXECUTE 'ALTER TABLE unsure ADD CONSTRAINT unsure_a NOT NULL a NOT VALID';
    END IF;
END
$$;

SELECT yesterday.track(t) FROM unnest('{amount,amount_keyed,word,loose_word,same_word,twice,unsure}'::regclass[]) t;
SELECT table_name, key_kind FROM yesterday.tracked WHERE table_name !~ 'word';
SELECT table_name, key_kind FROM yesterday.tracked WHERE table_name = 'same_word';
:begin
UPDATE amount SET a = -a WHERE a < 4;
UPDATE amount SET v = 'w' WHERE a = -1;
UPDATE amount SET a = 20 WHERE a = -2;
DELETE FROM amount WHERE a = 5;
INSERT INTO amount VALUES (-5, 'v5');
UPDATE amount_keyed SET a = -a WHERE a < 4;
UPDATE amount_keyed SET a = 20 WHERE a = -2;
DELETE FROM amount_keyed WHERE a = 5;
INSERT INTO amount_keyed VALUES (-5, 'v5');
UPDATE word SET w = 'A' WHERE w = 'a';
UPDATE word SET w = 'a', v = 'z' WHERE w = 'A';
DELETE FROM word WHERE w = 'b';
INSERT INTO word VALUES ('B', 'again');
UPDATE word SET w = 'D' WHERE w = 'd';
UPDATE loose_word SET v = v || 'x' WHERE w COLLATE "C" = 'a';
DELETE FROM loose_word WHERE w COLLATE "C" = 'B';
UPDATE loose_word SET w = 'C' WHERE w COLLATE "C" = 'c';
INSERT INTO loose_word VALUES ('c', 'new');
UPDATE same_word SET w = w || 'x';
UPDATE twice SET v = v || '!' WHERE a = 1;
DELETE FROM twice WHERE a = 2;
INSERT INTO twice VALUES (4, 'x'), (4, 'x');
UPDATE unsure SET v = v || '!' WHERE a = 1;
DELETE FROM unsure WHERE a IS NULL AND v = 'x';
DELETE FROM unsure WHERE ctid = (SELECT max(ctid) FROM unsure WHERE v = 'y');
:roll_back_all
