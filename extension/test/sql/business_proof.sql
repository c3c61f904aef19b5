-- The proof compares the rows of business tables that DDL of the deployment took something from, or that its inverse
-- writes anew, with hashes of its own: what was saved, and how it is brought back, is broken here on purpose.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\c - postgres
SET client_min_messages = warning;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE keyed (id int PRIMARY KEY, a text, n numeric(8,2), d int, m mood);
INSERT INTO keyed SELECT n, 'v' || n, n * 1.25, n, 'glad' FROM generate_series(1, 1000) n;
CREATE TABLE keyless (x int, a text, y int);
INSERT INTO keyless SELECT n % 10, 'v' || n, n % 7 FROM generate_series(1, 1000) n;
CREATE TABLE typed OF pair;
INSERT INTO typed SELECT n, 'b' || n FROM generate_series(1, 10) n;

-- Somebody, or an error of ours, changes a copy of what was saved.
CREATE PROCEDURE oracle.tamper(relation text, command text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (SELECT format(command, s.shadow_name) FROM yesterday.saved_table s
             WHERE s.table_name = relation ORDER BY s.id DESC LIMIT 1);
END
$$;
-- A function of ours with another body; the body of before is remembered.
CREATE TABLE oracle.bodies (body text);
CREATE PROCEDURE oracle.break(function regproc, was text, now text)
LANGUAGE plpgsql AS $$
DECLARE
    body text := pg_get_functiondef(function);
BEGIN
    ASSERT strpos(body, was) > 0, 'there is no such text in the function';
    INSERT INTO oracle.bodies VALUES (body);
    EXECUTE replace(body, was, now);
END
$$;
CREATE PROCEDURE oracle.mend()
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (SELECT body FROM oracle.bodies);
    DELETE FROM oracle.bodies;
END
$$;
\set begin 'CALL oracle.remember(); BEGIN; SELECT yesterday.begin_deployment($$patch$$) > 0 AS begun;'
\set refused 'SELECT oracle.refusal($$SELECT * FROM yesterday.finish_deployment()$$); ROLLBACK; SELECT * FROM oracle.difference();'
\set figures 'SELECT proof, proof_figures -> $$business_tables$$ AS tables, proof_figures -> $$business_rows$$ AS rows, proof_figures -> $$business_rows_left_out$$ AS left_out FROM yesterday.deployment ORDER BY id DESC LIMIT 1;'
\set finish 'SELECT outcome, rows FROM yesterday.finish_deployment() LIMIT 1; COMMIT;' :figures
\set roll_back 'SELECT outcome FROM rollback_last() LIMIT 1; SELECT * FROM oracle.difference(); CALL oracle.clear();'

-- nothing is wrong: all of them are compared, each once
:begin
ALTER TABLE keyed DROP COLUMN a;
ALTER TABLE keyed ALTER n TYPE int;
ALTER TABLE keyless DROP COLUMN a;
DROP TABLE typed;
:finish
SELECT substring(report -> 0 ->> 'detail' FROM '; .*') AS said FROM yesterday.deployment ORDER BY id DESC LIMIT 1;
SELECT count(*) FROM yesterday.compared_table;
SELECT count(*) FROM yesterday.compared_rows;
:roll_back
-- commands that take nothing, and whose way back writes no row anew, look at no row
:begin
ALTER TABLE keyed ADD COLUMN new int DEFAULT 5;
CREATE INDEX ON keyed (d);
ALTER TABLE keyless RENAME TO other;
SELECT count(*) FROM yesterday.compared_table;
:finish
:roll_back
-- a way back that writes rows anew is compared although the command wrote none
:begin
ALTER TYPE mood ADD VALUE 'so so' BEFORE 'glad';
:finish
:roll_back

-- a value of a copy
:begin
ALTER TABLE keyed DROP COLUMN a;
CALL oracle.tamper('keyed', 'UPDATE yesterday_shadow.%I SET c2 = ''x'' WHERE c1 IN (7, 8)');
:refused
-- a value that became null, in a table without a key
:begin
ALTER TABLE keyless DROP COLUMN a;
CALL oracle.tamper('keyless', 'UPDATE yesterday_shadow.%I SET c2 = NULL WHERE c2 = ''v7''');
:refused
-- values given to other rows: the sums of the column are as before
:begin
ALTER TABLE keyed DROP COLUMN a;
CALL oracle.tamper('keyed', 'UPDATE yesterday_shadow.%I SET c2 = CASE c1 WHEN 1 THEN ''v2'' ELSE ''v1'' END WHERE c1 IN (1, 2)');
:refused
-- a row of a table that was dropped
:begin
DROP TABLE keyed;
CALL oracle.tamper('keyed', 'DELETE FROM yesterday_shadow.%I WHERE c1 = 500');
:refused
-- ... and one too many
:begin
DROP TABLE keyless;
CALL oracle.tamper('keyless', 'UPDATE yesterday_shadow.%I SET c2 = ''v8'' WHERE c2 = ''v7''');
:refused
-- a change of type with loss
:begin
ALTER TABLE keyed ALTER n TYPE int;
CALL oracle.tamper('keyed', 'UPDATE yesterday_shadow.%I SET c3 = 0 WHERE c1 = 3');
:refused
-- all of it: the copy is empty
:begin
ALTER TABLE keyed ALTER n TYPE int;
CALL oracle.tamper('keyed', 'DELETE FROM yesterday_shadow.%I');
:refused
:begin
ALTER TYPE pair DROP ATTRIBUTE b CASCADE;
CALL oracle.tamper('typed', 'UPDATE yesterday_shadow.%I SET c2 = ''x'' WHERE c1 = 3');
:refused

-- rows that are written after the command: they are left out, and no others
:begin
ALTER TABLE keyed DROP COLUMN a;
UPDATE keyed SET d = d + 1, id = CASE WHEN id < 11 THEN id + 5000 ELSE id END WHERE id < 100;
DELETE FROM keyed WHERE id BETWEEN 901 AND 950;
INSERT INTO keyed (id) VALUES (2000);
ALTER TABLE keyless DROP COLUMN a;
UPDATE keyless SET y = 100 WHERE x = 1;
DELETE FROM keyless WHERE x = 2;
INSERT INTO keyless VALUES (3, 3), (77, 77);
:finish
SELECT substring(report -> 0 ->> 'detail' FROM '; .*') AS said FROM yesterday.deployment ORDER BY id DESC LIMIT 1;
SELECT outcome FROM rollback_last() LIMIT 1;
CALL oracle.clear();
SELECT count(*), count(a) FROM keyed;
SELECT count(*), count(a) FROM keyless;
:begin
ALTER TABLE keyed DROP COLUMN a;
UPDATE keyed SET d = d + 1;
DELETE FROM keyed WHERE id BETWEEN 200 AND 300;
CALL oracle.tamper('keyed', 'UPDATE yesterday_shadow.%I SET c2 = ''x'' WHERE c1 BETWEEN 295 AND 305');
:refused
:begin
ALTER TABLE keyless DROP COLUMN a;
DELETE FROM keyless WHERE x = 3;
CALL oracle.tamper('keyless', 'UPDATE yesterday_shadow.%I SET c2 = ''x'' WHERE c2 = ''v10''');
:refused
-- a column that is filled anew, before and after another one goes; values written over what a change of type made
:begin
ALTER TABLE keyed ADD COLUMN b text;
UPDATE keyed SET b = a;
ALTER TABLE keyed DROP COLUMN a;
UPDATE keyed SET b = b || '!';
ALTER TABLE keyed ALTER n TYPE int;
UPDATE keyed SET n = -n WHERE id BETWEEN 400 AND 410;
UPDATE keyed SET d = -d WHERE id = 420;
ALTER TABLE keyed DROP COLUMN d;
:finish
SELECT outcome FROM rollback_last() LIMIT 1;
CALL oracle.clear();
SELECT count(*), count(a), count(*) FILTER (WHERE n < 0) AS written, count(*) FILTER (WHERE d < 0) AS dropped FROM keyed;
-- ... of which the part that nobody wrote is compared all the same
:begin
ALTER TABLE keyed ALTER n TYPE int;
UPDATE keyed SET d = -d WHERE id = 430;
ALTER TABLE keyed DROP COLUMN d;
CALL oracle.tamper('keyed', 'UPDATE yesterday_shadow.%I SET c4 = 0 WHERE c1 = 430');
:refused

-- rows that somebody changed in a column that has another type now: not of what they were
:begin
ALTER TABLE keyed ALTER n TYPE int;
UPDATE keyed SET n = n + 1 WHERE id BETWEEN 600 AND 605;
:finish
SELECT outcome FROM rollback_last() LIMIT 1;
CALL oracle.clear();

-- what brings rows back is broken
CALL oracle.break('yesterday._rows_command', 'rows_from)', 'rows_from || '' LIMIT 500'')');
:begin
ALTER TABLE keyed DROP COLUMN a;
:refused
:begin
ALTER TABLE keyed DROP COLUMN a;
UPDATE keyed SET d = d + 1;
:refused
CALL oracle.mend();
-- what saves them passes a table over
CALL oracle.break('yesterday._save_before', 'ORDER BY n.nspname, r.relname', 'LIMIT 0');
:begin
ALTER TABLE keyed DROP COLUMN a;
:refused
:begin
ALTER TYPE pair ALTER ATTRIBUTE a TYPE text CASCADE;
:refused
:begin
DROP TABLE keyless;
:refused
BEGIN;
SELECT yesterday.begin_deployment('accepted', accept_irreversible => true) > 0 AS begun;
DROP TABLE keyless;
SELECT subject, outcome, detail FROM yesterday.finish_deployment() WHERE outcome = 'residue';
ROLLBACK;
CALL oracle.mend();

-- what was accepted is said ever after
BEGIN;
SELECT yesterday.begin_deployment('accepted', accept_irreversible => true) > 0 AS begun;
ALTER TABLE keyed DROP COLUMN a;
CALL oracle.tamper('keyed', 'UPDATE yesterday_shadow.%I SET c2 = ''x'' WHERE c1 IN (17, 18)');
SELECT outcome, detail FROM yesterday.finish_deployment() WHERE outcome = 'residue';
ROLLBACK;
-- less than a full proof does not look at them
SET yesterday.proof = 'touched';
BEGIN;
SELECT yesterday.begin_deployment('touched') > 0 AS begun;
ALTER TABLE keyed DROP COLUMN a;
SELECT count(*) FROM yesterday.compared_table;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
ROLLBACK;
-- nor does a full one of a deployment that began with less
BEGIN;
SELECT yesterday.begin_deployment('touched, then full') > 0 AS begun;
ALTER TABLE keyed DROP COLUMN a;
SET LOCAL yesterday.proof = 'full';
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
ROLLBACK;
RESET yesterday.proof;

-- open scope: others write between the members, and before finish
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
ALTER TABLE keyed DROP COLUMN a;
ALTER TABLE keyed ALTER n TYPE int;
RESET yesterday.deployment;
UPDATE keyed SET d = 0, n = 5 WHERE id = 500;
DELETE FROM keyed WHERE id = 501;
INSERT INTO keyed (id, n) VALUES (3000, 1);
BEGIN;
DO $$
BEGIN
    EXECUTE (SELECT format('UPDATE yesterday_shadow.%I SET c2 = ''x'' WHERE c1 = 600', s.shadow_name)
             FROM yesterday.saved_table s WHERE s.table_name = 'keyed' AND s.event = 'column' ORDER BY s.id DESC LIMIT 1);
END
$$;
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
ROLLBACK;
SELECT name, status, proof FROM yesterday.history ORDER BY id DESC LIMIT 1;
SELECT outcome FROM yesterday.finish_deployment(:id) LIMIT 1;
:figures
SELECT count(*) FROM yesterday.compared_table;
SELECT outcome FROM rollback_last() LIMIT 1;
CALL oracle.clear();
SELECT id, a, n, d FROM keyed WHERE id IN (500, 501, 600, 3000) ORDER BY id;
SELECT yesterday.begin_deployment('open, abandoned', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
ALTER TABLE keyed DROP COLUMN a;
RESET yesterday.deployment;
SELECT outcome FROM yesterday.abandon_deployment(:id) LIMIT 1;
SELECT count(*) FROM yesterday.compared_table;
