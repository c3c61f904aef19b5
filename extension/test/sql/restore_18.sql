-- What came with PostgreSQL 18: virtual columns, constraints that are not enforced or not
-- valid, temporal keys. The other expected file is for servers before it.
SELECT current_setting('server_version_num')::int < 180000 AS older \gset
\if :older
\quit
\endif
\i test/include/exact.sql
CREATE TABLE app.unit (id int PRIMARY KEY, n int, half int GENERATED ALWAYS AS (10 / n) VIRTUAL, twice int GENERATED ALWAYS AS (n * 2) STORED, label text,
                       CONSTRAINT unit_loose CHECK (n > 100) NOT ENFORCED);
CREATE TABLE app.child (id int PRIMARY KEY, unit int CONSTRAINT child_loose REFERENCES app.unit NOT ENFORCED);
INSERT INTO app.unit (id, n, label) VALUES (1, 1, 'a'), (2, 2, NULL), (3, 5, 'c');
INSERT INTO app.child VALUES (1, 77), (2, 1);
ALTER TABLE app.unit ADD CONSTRAINT unit_label NOT NULL label NOT VALID;
SELECT yesterday.track('app.unit'), yesterday.track('app.child');
SELECT app.remember('app.unit', 'app.child');
BEGIN;
SELECT yesterday.begin_deployment('eighteen');
UPDATE app.unit SET n = n + 1, label = 'set';
UPDATE app.child SET unit = 2;
INSERT INTO app.unit (id, n, label) VALUES (4, 4, 'new');
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.child VALUES (3, 4);
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.differences();

-- a temporal key does not tell rows apart by equality: the whole row does
CREATE TABLE app.price (item int4range, valid daterange, cents int, PRIMARY KEY (item, valid WITHOUT OVERLAPS));
INSERT INTO app.price VALUES ('[1,2)', '[2026-01-01,2026-06-01)', 100), ('[1,2)', '[2026-06-01,2027-01-01)', 200);
SELECT yesterday.track('app.price');
SELECT app.remember('app.price');
BEGIN;
SELECT yesterday.begin_deployment('temporal');
UPDATE app.price SET valid = '[2026-01-01,2026-03-01)' WHERE cents = 100;
UPDATE app.price SET valid = '[2026-04-01,2027-01-01)', cents = 300 WHERE cents = 200;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.differences();

-- a temporal reference cannot be judged: refused before the deployment counts
CREATE TABLE app.sold (item int4range, at daterange, FOREIGN KEY (item, PERIOD at) REFERENCES app.price (item, PERIOD valid));
\set VERBOSITY default
BEGIN;
SELECT yesterday.begin_deployment('temporal reference');
UPDATE app.price SET cents = cents + 1;
SELECT outcome, rows FROM yesterday.finish_deployment();
ROLLBACK;
