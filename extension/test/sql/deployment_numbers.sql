-- A deployment by its number: every function that takes a name or an id as text takes the id as begin_deployment() returned it, too.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE screen (name text PRIMARY KEY, title text);
INSERT INTO screen VALUES ('order', 'Order'), ('invoice', 'Invoice');
SELECT yesterday.track('screen');

BEGIN;
SELECT yesterday.begin_deployment('first') AS first \gset
UPDATE screen SET title = 'Orders' WHERE name = 'order';
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('second') AS second \gset
ALTER TABLE screen ADD COLUMN hint text;
UPDATE screen SET title = 'Invoices' WHERE name = 'invoice';
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;

SELECT * FROM yesterday.diff(:first);
SELECT * FROM yesterday.prior(NULL::screen, :first) ORDER BY name;
SELECT command FROM yesterday.inverse_ddl(:second);
SELECT count(*) > 0 AS has_files FROM yesterday.inverse_bundle(:second);
SELECT subject, outcome FROM rollback_preview(:second);
SELECT subject, outcome FROM rollback_last(:second, 'by its number');
SELECT yesterday.clear_freeze('test');
-- a parameter of a driver is a number as well
PREPARE forward (bigint) AS SELECT yesterday.restore('screen', '[{"name": "order"}]', $1);
BEGIN;
SELECT yesterday.begin_deployment('third') AS third \gset
EXECUTE forward (:first);
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome FROM yesterday.rollback_to(:first, 'by its number');
TABLE screen ORDER BY name;
-- one that is none of these says so, and quotes still mean text
SELECT * FROM rollback_last(4711);
SELECT * FROM rollback_last('4711');
