-- How much of a rollback is proven, and what is accepted as irreversible: said at finish and from then on.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, a text);
INSERT INTO m SELECT n, 'a' FROM generate_series(1, 50) n;
SELECT yesterday.track('m');

-- touched: the rows that were touched, and the definitions
BEGIN;
SELECT yesterday.begin_deployment('touched') > 0 AS begun;
SET LOCAL yesterday.proof = 'touched';
UPDATE m SET a = 'b' WHERE id < 4;
ALTER TABLE m ADD COLUMN b int;
SELECT outcome, rows FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT name, proof FROM yesterday.history ORDER BY id DESC LIMIT 1;
SELECT last_proof FROM yesterday.status;
SELECT detail ~ 'proven on the rows it touched and took [0-9.]+ ms' AS said FROM rollback_preview() LIMIT 1;

-- off: nothing is rehearsed, and everybody is told
BEGIN;
SELECT yesterday.begin_deployment('off') > 0 AS begun;
SET LOCAL yesterday.proof = 'off';
UPDATE m SET a = 'c' WHERE id < 7;
SELECT outcome, rows, detail FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT name, proof FROM yesterday.history ORDER BY id DESC LIMIT 1;
SELECT last_proof FROM yesterday.status;
SELECT detail ~ 'its rollback is UNPROVEN' AS said FROM rollback_preview() LIMIT 1;
-- a drill makes up for it
SELECT count(*) > 0 AS drilled FROM yesterday.drill();
SELECT detail ~ 'its rollback is UNPROVEN, drilled .* in [0-9]+ ms' AS said FROM rollback_preview() LIMIT 1;
SELECT count(*) FROM m WHERE a = 'c';
SELECT outcome FROM rollback_last('off') LIMIT 1;
SELECT outcome FROM rollback_last('touched') LIMIT 1;
SELECT a, count(*) FROM m GROUP BY a;
CALL oracle.clear();

-- what cannot be undone is refused, and can be accepted
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT yesterday.begin_deployment('large object') > 0 AS begun;
SELECT lo_from_bytea(4711, 'data');
SELECT oracle.refusal('SELECT * FROM yesterday.finish_deployment()');
ROLLBACK;
BEGIN;
SELECT yesterday.begin_deployment('accepted', accept_irreversible => true) > 0 AS begun;
SELECT lo_from_bytea(4711, 'data');
UPDATE m SET a = 'd' WHERE id = 1;
SELECT subject LIKE 'deployment%' AS headline, CASE WHEN subject NOT LIKE 'deployment%' THEN subject END AS subject, outcome
FROM yesterday.finish_deployment() WHERE outcome LIKE '%residue%';
COMMIT;
SELECT name, proof FROM yesterday.history ORDER BY id DESC LIMIT 1;
SELECT subject, outcome, detail FROM rollback_preview() WHERE outcome = 'residue';
SELECT subject, outcome FROM rollback_last() WHERE outcome IN ('residue', 'restored');
SELECT encode(lo_get(4711), 'escape');
SELECT lo_unlink(4711);
CALL oracle.clear();

-- in open scope a proof that fails leaves the deployment open and unproven, and says what to do
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE m SET a = 'e' WHERE id = 2;
ALTER TABLE m ADD COLUMN c int;
BEGIN;
UPDATE m SET a = 'e' WHERE id = 3;
SELECT lo_from_bytea(4712, 'data');
COMMIT;
RESET yesterday.deployment;
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
SELECT name, status, proof FROM yesterday.history WHERE id = :id;
SELECT subject, outcome FROM yesterday.abandon_deployment(:id) WHERE outcome IN ('residue', 'restored', 'dropped');
SELECT a, count(*) FROM m GROUP BY a;
SELECT state FROM yesterday.status;
SELECT lo_unlink(4712);
