-- yesterday.max_rebuild_bytes: a table that is too large for its rollback to rebuild is refused at finish,
-- unless the order of its columns is accepted as residue.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE wide (id int PRIMARY KEY, a text, b text, c text);
INSERT INTO wide SELECT n, 'a' || n, 'b' || n, repeat('c', 500) FROM generate_series(1, 200) n;
CREATE TABLE hollow (id int PRIMARY KEY, a int, b text);
INSERT INTO hollow SELECT n, NULL, repeat('b', 500) FROM generate_series(1, 200) n;
ALTER TABLE hollow ADD COLUMN d text, ADD COLUMN e text;
CREATE TABLE m (id int PRIMARY KEY);
SELECT yesterday.track('m');
CALL oracle.remember();
-- above the limit
BEGIN;
SELECT yesterday.begin_deployment('too large') > 0 AS begun;
SET LOCAL yesterday.max_rebuild_bytes = '50kB';
ALTER TABLE wide DROP COLUMN b;
SELECT regexp_replace(x, 'of \d+ kB', 'of <n> kB') FROM oracle.refusal('SELECT * FROM yesterday.finish_deployment()') x;
ROLLBACK;
-- what needs no rebuild is not measured
BEGIN;
SELECT yesterday.begin_deployment('altered') > 0 AS begun;
SET LOCAL yesterday.max_rebuild_bytes = '50kB';
ALTER TABLE wide ADD COLUMN z int, ALTER COLUMN c SET NOT NULL;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
ROLLBACK;
-- grown above it since: the rollback goes on
BEGIN;
SELECT yesterday.begin_deployment('grows') > 0 AS begun;
SET LOCAL yesterday.max_rebuild_bytes = '300kB';
ALTER TABLE wide DROP COLUMN b;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
INSERT INTO wide SELECT n, 'more', repeat('more', 200) FROM generate_series(1001, 2000) n;
SET yesterday.max_rebuild_bytes = '300kB';
SELECT outcome FROM rollback_last() LIMIT 1;
DELETE FROM wide WHERE id > 1000;
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- accepted: values come back where that takes a rebuild, the mere order does not
BEGIN;
SELECT yesterday.begin_deployment('accepted', accept_irreversible => true) > 0 AS begun;
SET LOCAL yesterday.max_rebuild_bytes = '50kB';
ALTER TABLE wide DROP COLUMN b;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SET yesterday.max_rebuild_bytes = '50kB';
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT * FROM oracle.difference();
CALL oracle.clear();
CREATE TABLE moved (id int PRIMARY KEY, a int, b text) WITH (autovacuum_enabled = off);
SELECT yesterday.track('moved');
INSERT INTO moved (id, b) SELECT n, repeat('b', 500) FROM generate_series(1, 200) n;
BEGIN;
SELECT yesterday.begin_deployment('order', accept_irreversible => true) > 0 AS begun;
ALTER TABLE moved DROP COLUMN a;
SELECT subject, outcome FROM yesterday.finish_deployment() WHERE outcome LIKE 'fin%' OR outcome = 'residue';
COMMIT;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT attname FROM pg_attribute WHERE attrelid = 'moved'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;
SELECT count(*), count(a), count(b) FROM moved;
