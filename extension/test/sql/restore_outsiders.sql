-- Outsiders write between the transactions of a deployment in open scope: per key the member
-- that touched it first decides, what outsiders wrote goes to the attic.
\i test/include/exact.sql
CREATE TABLE app.rule (id int PRIMARY KEY, v text);
CREATE TABLE app.bag (a int, v text);
INSERT INTO app.rule SELECT i, 'v' || i FROM generate_series(1, 10) i;
INSERT INTO app.bag VALUES (1, 'x'), (1, 'x'), (2, 'y');
SELECT yesterday.track('app.rule'), yesterday.track('app.bag');
SELECT app.remember('app.rule', 'app.bag');
SELECT yesterday.begin_deployment('open', scope => 'open') AS deployment \gset

SET yesterday.deployment = :'deployment';
UPDATE app.rule SET v = 'first' WHERE id <= 6;
INSERT INTO app.rule VALUES (11, 'first'), (12, 'first'), (13, 'first');
DELETE FROM app.rule WHERE id = 7;
UPDATE app.bag SET v = 'first' WHERE a = 2;
\c -

UPDATE app.rule SET v = 'outsider' WHERE id IN (1, 2, 11, 10);
DELETE FROM app.rule WHERE id IN (3, 12);
INSERT INTO app.rule VALUES (7, 'outsider'), (14, 'outsider');
INSERT INTO app.bag VALUES (3, 'outsider');

SET yesterday.deployment = :'deployment';
UPDATE app.rule SET v = 'second' WHERE id IN (1, 4, 11, 14);
INSERT INTO app.rule VALUES (3, 'second'), (12, 'second');
DELETE FROM app.rule WHERE id IN (5, 7, 13);
\c -
UPDATE app.rule SET v = 'late' WHERE id IN (4, 12);

SELECT outcome, rows FROM yesterday.finish_deployment(:deployment);
SELECT shadow_name AS shadow FROM yesterday.captured_table WHERE table_name = 'rule' \gset
SELECT op, c1 AS id, c2 AS v FROM yesterday_shadow.:"shadow" ORDER BY 2, 1;
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
-- what outsiders did to rows that the deployment had not touched before them
SELECT * FROM app.differences();
