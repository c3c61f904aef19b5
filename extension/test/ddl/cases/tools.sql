-- case: table under capture renamed away, replaced by a copy, and dropped
-- setup
CREATE TABLE cfg (id serial PRIMARY KEY, k text UNIQUE, v text, up int REFERENCES cfg);
INSERT INTO cfg (k, v) SELECT 'k' || i, 'v' || i FROM generate_series(1, 4) i;
UPDATE cfg SET up = id - 1 WHERE id > 1;
CREATE TABLE uses (id int PRIMARY KEY, cfg int REFERENCES cfg ON DELETE CASCADE);
INSERT INTO uses VALUES (1, 1), (2, 2);
SELECT yesterday.track('cfg', layer => 'apps', outside => 'refuse');
-- deploy
CREATE TABLE cfg_new AS SELECT id, upper(k) AS k, v, 'x'::text AS extra FROM cfg;
ALTER TABLE cfg_new ADD PRIMARY KEY (id);
ALTER TABLE cfg RENAME TO cfg_old;
ALTER TABLE cfg_new RENAME TO cfg;
ALTER SEQUENCE cfg_id_seq OWNED BY cfg.id;
ALTER TABLE cfg ALTER id SET DEFAULT nextval('cfg_id_seq');
ALTER TABLE uses DROP CONSTRAINT uses_cfg_fkey;
ALTER TABLE uses ADD CONSTRAINT uses_cfg_fkey FOREIGN KEY (cfg) REFERENCES cfg;
DROP TABLE cfg_old;
-- deploy open
UPDATE cfg SET extra = 'y' WHERE id < 3;
INSERT INTO cfg (id, k, v) VALUES (9, 'K9', 'v9');
ALTER TABLE cfg RENAME TO cfg_kept;
CREATE TABLE cfg AS SELECT k, v FROM cfg_kept;
-- deploy
DELETE FROM cfg WHERE k = 'K9';
UPDATE cfg_kept SET v = 'w';
-- check
SELECT bool_and(table_name = 'cfg' AND layer = 'apps' AND outside = 'refuse' AND state = 'capturing')
    FROM yesterday.tracked WHERE (SELECT count(*) FROM yesterday.deployment WHERE status = 'finished') < 2 HAVING count(*) > 0;
-- case: schema of tables under capture swapped for another, and dropped
-- setup
CREATE SCHEMA app;
CREATE TABLE app.screen (id int PRIMARY KEY, name text);
CREATE TABLE app.part (id int, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES FROM (1) TO (10);
INSERT INTO app.screen VALUES (1, 'a'), (2, 'b');
INSERT INTO app.part VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track('app.screen'), yesterday.track('app.part', layer => 'apps');
-- deploy
CREATE SCHEMA app_new;
CREATE TABLE app_new.screen (LIKE app.screen INCLUDING ALL);
INSERT INTO app_new.screen SELECT id, name || '!' FROM app.screen;
CREATE TABLE app_new.part (id int, name text, more int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE app_new.part_1 PARTITION OF app_new.part FOR VALUES FROM (1) TO (10);
INSERT INTO app_new.part SELECT id, name, 5 FROM app.part;
ALTER SCHEMA app RENAME TO app_old;
ALTER SCHEMA app_new RENAME TO app;
DROP SCHEMA app_old CASCADE;
-- deploy open
UPDATE app.screen SET name = 'z' WHERE id = 1;
DELETE FROM app.part WHERE id = 1;
INSERT INTO app.part VALUES (3, 'c', 6);
-- check
SELECT string_agg(concat_ws(' ', schema_name, table_name, layer, state), ', ' ORDER BY table_name) =
    'app part apps capturing, app part_1 apps capturing, app screen platform capturing' FROM yesterday.tracked;
-- case: partition under capture swapped for another, and dropped
-- setup
CREATE TABLE rate (d int, code text, v numeric, PRIMARY KEY (d, code)) PARTITION BY RANGE (d);
CREATE TABLE rate_1 PARTITION OF rate FOR VALUES FROM (1) TO (10);
CREATE TABLE rate_2 PARTITION OF rate FOR VALUES FROM (10) TO (20);
INSERT INTO rate SELECT i, 'c' || i % 3, i FROM generate_series(1, 19) i;
SELECT yesterday.track('rate');
-- deploy
CREATE TABLE rate_new (LIKE rate INCLUDING ALL);
INSERT INTO rate_new SELECT d, code, v * 2 FROM rate_1;
ALTER TABLE rate DETACH PARTITION rate_1;
ALTER TABLE rate_1 RENAME TO rate_old;
ALTER TABLE rate_new RENAME TO rate_1;
ALTER TABLE rate ATTACH PARTITION rate_1 FOR VALUES FROM (1) TO (10);
DROP TABLE rate_old;
-- deploy open
UPDATE rate SET v = 0 WHERE d < 12;
-- check
SELECT string_agg(table_name || ' ' || state, ', ' ORDER BY table_name) = 'rate capturing, rate_1 capturing, rate_2 capturing'
    FROM yesterday.tracked WHERE (SELECT count(*) FROM yesterday.deployment WHERE status = 'finished') = 0
    HAVING count(*) > 0;
-- case: attribute added to a type whose values tell tracked rows apart
-- setup
CREATE TYPE pair AS (x int, y text, z numeric);
CREATE TYPE outer_pair AS (p pair[], q int);
CREATE DOMAIN domain_pair AS outer_pair;
CREATE TABLE d (n text, gamma pair[], p pair);
CREATE TABLE heir (e domain_pair) INHERITS (d);
CREATE TABLE business (id int PRIMARY KEY, p pair);
CREATE VIEW v AS SELECT (p).x FROM business;
INSERT INTO d SELECT 'n' || i % 4, ARRAY[ROW(i % 3, 'a,"b', 1.0)::pair, NULL], ROW(NULL, 'q', 2.00)::pair FROM generate_series(1, 12) i;
INSERT INTO heir VALUES ('h', NULL, NULL, ROW(ARRAY[ROW(1, '', 1.0)::pair], 2)), ('h', NULL, NULL, NULL);
INSERT INTO business SELECT i, ROW(i, 'k', 1.0)::pair FROM generate_series(1, 5) i;
SELECT yesterday.track('d');
-- deploy
UPDATE d SET n = 'before' WHERE n = 'n1';
INSERT INTO d VALUES ('new', NULL, ROW(1, 'w', 3));
ALTER TYPE pair ADD ATTRIBUTE att int CASCADE;
UPDATE d SET p.att = 5 WHERE n = 'n3';
UPDATE d SET gamma[1].att = 7 WHERE n = 'before';
INSERT INTO d VALUES ('new2', ARRAY[ROW(1, 'y', 2, 3)::pair], ROW(1, 'y', 2, 3)::pair);
DELETE FROM d WHERE n = 'n0';
-- case: attribute added to a type whose values tell tracked rows apart, in many transactions
-- setup
CREATE TYPE pair AS (x int, y text, z numeric);
CREATE TABLE d (n text, gamma pair[], p pair);
INSERT INTO d SELECT 'n' || i % 4, ARRAY[ROW(i % 3, 'a,"b', 1.0)::pair, NULL], ROW(NULL, 'q', 2.00)::pair FROM generate_series(1, 12) i;
SELECT yesterday.track('d');
-- deploy open
UPDATE d SET n = 'before' WHERE n = 'n1';
ALTER TYPE pair ADD ATTRIBUTE att int CASCADE;
UPDATE d SET p.att = 5 WHERE n = 'n3';
UPDATE d SET gamma[1].att = 7 WHERE n = 'before';
INSERT INTO d VALUES ('new2', ARRAY[ROW(1, 'y', 2, 3)::pair], ROW(1, 'y', 2, 3)::pair);
DELETE FROM d WHERE n = 'n0';
-- case: key replaced by a surrogate one, and rows that are alike in the one of before
-- setup
CREATE TABLE m (a int, b int, v text, PRIMARY KEY (a, b));
INSERT INTO m SELECT i, i % 3, 'v' || i FROM generate_series(1, 10) i;
SELECT yesterday.track('m');
-- deploy
UPDATE m SET v = 'w' WHERE a = 1;
ALTER TABLE m DROP CONSTRAINT m_pkey, ADD COLUMN id serial PRIMARY KEY;
INSERT INTO m (a, b, v) VALUES (1, 1, 'dup'), (1, 1, 'dup2'), (2, 2, 'dup'), (50, 0, 'new'), (50, 0, 'new2');
UPDATE m SET v = 'x' WHERE a = 2;
DELETE FROM m WHERE v = 'v3';
UPDATE m SET a = 4 WHERE a = 5;
-- case: unique index gone that told tracked rows apart, and each row twice, in many transactions
-- setup
CREATE TABLE m (a int NOT NULL, b int, v text);
CREATE UNIQUE INDEX mu ON m (a);
INSERT INTO m SELECT i, i % 3, 'v' || i FROM generate_series(1, 10) i;
SELECT yesterday.track('m');
-- deploy open
DELETE FROM m WHERE a = 9;
DROP INDEX mu;
INSERT INTO m SELECT * FROM m;
ALTER TABLE m ALTER a DROP NOT NULL;
INSERT INTO m VALUES (NULL, 1, 'n'), (9, 9, 'again');
UPDATE m SET v = 'x' WHERE a = 2;
DELETE FROM m WHERE a = 3;
UPDATE m SET a = 40 WHERE a = 4;
-- case: key made wider, rows alike in the one of before, and others that write since
-- setup
CREATE TABLE m (a int PRIMARY KEY, b int, v text);
INSERT INTO m SELECT i, 0, 'v' || i FROM generate_series(1, 5) i;
SELECT yesterday.track('m');
-- deploy
ALTER TABLE m DROP CONSTRAINT m_pkey;
UPDATE m SET v = 'w' WHERE a = 1;
ALTER TABLE m ADD PRIMARY KEY (a, b);
INSERT INTO m SELECT a, 1, v || '!' FROM m;
-- business
UPDATE m SET v = 'theirs' WHERE a = 1 AND b = 0;
UPDATE m SET v = 'theirs, too' WHERE a = 2 AND b = 1;
-- check
SELECT count(*) = 1 AND max(v) = 'v1' FROM m WHERE a = 1;
SELECT count(*) = 1 FROM m WHERE a = 5 AND b = 0 AND v = 'v5';
SELECT EXISTS (SELECT FROM yesterday.attic WHERE row_data ->> 'v' = 'theirs');
SELECT count(*) = 1 AND max(v) = 'v2' FROM m WHERE a = 2;
SELECT EXISTS (SELECT FROM yesterday.attic WHERE row_data ->> 'v' = 'theirs, too');
SELECT count(*) = 5 FROM m;
-- case: names with quotes and backslashes, of a business table made anew
-- setup
CREATE SCHEMA "b\%i_z";
CREATE TABLE "b\%i_z"."back\slash" ("{}" serial, "%I %s" int PRIMARY KEY, "gone\" int, "it's" serial, "_" int GENERATED ALWAYS AS IDENTITY);
INSERT INTO "b\%i_z"."back\slash" ("%I %s") VALUES (1), (2);
-- deploy
ALTER TABLE "b\%i_z"."back\slash" DROP COLUMN "gone\";
-- case: two tables under capture merged into one, and views in their places
-- setup
CREATE TABLE t1 (id int PRIMARY KEY, v text);
CREATE TABLE t2 (id int PRIMARY KEY, v text, extra int);
INSERT INTO t1 SELECT i, 'a' FROM generate_series(1, 4) i;
INSERT INTO t2 SELECT i, 'b', i FROM generate_series(1, 4) i;
CREATE TABLE refs (id int PRIMARY KEY, t1 int REFERENCES t1, t2 int REFERENCES t2);
INSERT INTO refs SELECT i, i, 5 - i FROM generate_series(1, 4) i;
SELECT yesterday.track(t) FROM unnest('{t1,t2,refs}'::regclass[]) t;
-- deploy
ALTER TABLE t1 ADD COLUMN kind text NOT NULL DEFAULT 'one', ADD COLUMN extra int;
INSERT INTO t1 SELECT id + 1000, v, 'two', extra FROM t2;
ALTER TABLE refs ADD COLUMN t int;
UPDATE refs SET t = t2 + 1000;
DROP TABLE t2 CASCADE;
ALTER TABLE refs DROP COLUMN t2;
ALTER TABLE refs RENAME t TO t2;
ALTER TABLE refs ADD FOREIGN KEY (t2) REFERENCES t1;
ALTER TABLE t1 RENAME TO thing;
CREATE VIEW t1 AS SELECT id, v FROM thing WHERE kind = 'one';
CREATE VIEW t2 AS SELECT id - 1000 AS id, v, extra FROM thing WHERE kind = 'two';
UPDATE t1 SET v = 'through the view' WHERE id = 3;
-- check
SELECT NOT EXISTS (SELECT FROM yesterday.attic_object);
-- case: columns of a tracked table exchange names, one of them its key, and the other goes
-- setup
CREATE TABLE beta (epsilon text, theta char(8), xi text, PRIMARY KEY (epsilon));
INSERT INTO beta VALUES ('k1', 'a', 'x'), ('k2', 'b', NULL);
SELECT yesterday.track('beta');
-- deploy
ALTER TABLE beta RENAME COLUMN epsilon TO swapping;
ALTER TABLE beta RENAME xi TO epsilon;
ALTER TABLE beta RENAME swapping TO xi;
UPDATE beta SET theta = 'q';
ALTER TABLE beta DROP COLUMN epsilon;
-- case: triggers switched off around a load, and on again
-- setup
CREATE TABLE p (id int PRIMARY KEY, v text, at timestamptz);
CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p);
CREATE TABLE parted (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (100);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON p FOR EACH ROW EXECUTE FUNCTION stamp();
INSERT INTO p VALUES (1, 'a'), (2, 'b');
INSERT INTO parted VALUES (1, 'a');
SELECT yesterday.track('p'), yesterday.track('c'), yesterday.track('parted');
-- deploy
ALTER TABLE p DISABLE TRIGGER USER;
UPDATE p SET v = 'c' WHERE id = 1;
INSERT INTO p VALUES (3, 'd');
ALTER TABLE p ENABLE TRIGGER USER;
ALTER TABLE c DISABLE TRIGGER ALL;
INSERT INTO c VALUES (1, 1);
ALTER TABLE c ENABLE TRIGGER ALL;
ALTER TABLE parted DISABLE TRIGGER ALL, ADD COLUMN w int;
UPDATE parted SET v = 'b', w = 2;
ALTER TABLE parted ENABLE TRIGGER ALL;
DELETE FROM p WHERE id = 2;
