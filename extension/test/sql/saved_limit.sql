-- What one command of a deployment may destroy, and so have saved, has a limit: whatever the command is, of business
-- tables and of those under capture.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE SCHEMA shop;
CREATE TABLE shop.item (id int PRIMARY KEY, name text, how mood);
CREATE TABLE shop.sale (id int PRIMARY KEY, name text);
CREATE TABLE screen (id int PRIMARY KEY, name text, how mood);
CREATE TABLE little (id int);
INSERT INTO shop.item SELECT n, repeat('x', 100), 'sad' FROM generate_series(1, 1000) n;
INSERT INTO shop.sale SELECT n, repeat('x', 100) FROM generate_series(1, 1000) n;
INSERT INTO screen SELECT n, repeat('x', 100), 'sad' FROM generate_series(1, 1000) n;
INSERT INTO little VALUES (1);
SELECT yesterday.track('screen');
CALL oracle.remember();
-- Whether a deployment with this limit may run the command.
CREATE PROCEDURE attempt(command text, at_most text) LANGUAGE plpgsql AS $$
DECLARE
    refusal text;
BEGIN
    PERFORM yesterday.begin_deployment('attempt ' || command || at_most);
    PERFORM set_config('yesterday.max_saved_bytes', at_most, true);
    SELECT string_agg(r, E'\n    ') INTO refusal FROM oracle.refusal(command) r;
    RAISE INFO '% [%]: %', command, at_most, regexp_replace(refusal, '[0-9]+ kB(?=[,;])|[0-9]+ kB or more', 'N kB', 'g');
    ROLLBACK;
END
$$;
SET client_min_messages = warning;
-- one table is too large
CALL attempt('DROP TABLE shop.item', '100kB');
CALL attempt('ALTER TABLE shop.item DROP COLUMN name', '100kB');
CALL attempt('ALTER TABLE shop.item ALTER name TYPE int USING 1', '100kB');
CALL attempt('TRUNCATE shop.item', '100kB');
CALL attempt('DROP TYPE mood CASCADE', '100kB');
CALL attempt('DROP TABLE screen', '100kB');
CALL attempt('ALTER TABLE screen DROP COLUMN name', '100kB');
CALL attempt('ALTER TABLE screen ALTER name TYPE int USING 1', '100kB');
CALL attempt('TRUNCATE screen', '100kB');
-- each alone is not, all together are
CALL attempt('DROP SCHEMA shop CASCADE', '200kB');
CALL attempt('DROP TABLE shop.item, screen', '200kB');
CALL attempt('TRUNCATE shop.sale, shop.item', '200kB');
CALL attempt('TRUNCATE screen, shop.item', '200kB');
CALL attempt('DROP TYPE mood CASCADE', '200kB');
-- within the limit, one command after the other
CALL attempt('DROP TABLE little', '100kB');
CALL attempt('DROP SCHEMA shop CASCADE', '1MB');
BEGIN;
SELECT yesterday.begin_deployment('one after the other') > 0 AS begun;
SET LOCAL yesterday.max_saved_bytes = '200kB';
TRUNCATE shop.sale;
TRUNCATE screen;
ALTER TABLE shop.item ALTER name TYPE int USING 1;
DROP TABLE shop.sale;
DROP TABLE screen;
DROP TABLE shop.item;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT * FROM oracle.difference();
SELECT status, count(*) FROM yesterday.history GROUP BY status;
