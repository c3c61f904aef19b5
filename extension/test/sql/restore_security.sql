-- No code of a table's owner runs as anybody but that owner, and no trigger, rule or
-- policy takes part, while rows are put back, previewed, proven or drilled.
\i test/include/exact.sql
SET client_min_messages = warning;
DROP ROLE IF EXISTS yd_test_mallory;
RESET client_min_messages;
CREATE ROLE yd_test_mallory IN ROLE yesterday_deployer;
GRANT ALL ON SCHEMA app TO yd_test_mallory;
CREATE TABLE public.seen (route text, who name, path text);
GRANT INSERT, SELECT ON public.seen TO PUBLIC;

SET ROLE yd_test_mallory;
-- writes down who runs it; takes everything it can get
CREATE FUNCTION app.write_down(route text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO public.seen VALUES (route, current_user, current_setting('search_path'));
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        ALTER ROLE yd_test_mallory SUPERUSER;
    END IF;
END
$$;
CREATE FUNCTION app.spy(route text, result anyelement) RETURNS anyelement LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM app.write_down(route);
    RETURN result;
END
$$;
CREATE FUNCTION app.fire() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.spy('trigger ' || TG_NAME, 1);
    RETURN NULL;
END
$$;
CREATE DOMAIN app.watched AS text CHECK (app.spy('domain', VALUE IS NOT NULL));
CREATE TYPE app.box AS (w app.watched, n int);
CREATE TABLE app.victim
(
    id int PRIMARY KEY, v text CHECK (app.spy('check', true)), n int, b app.box, w app.watched,
    g int GENERATED ALWAYS AS (app.spy('generated', n)) STORED
);
CREATE UNIQUE INDEX victim_expression ON app.victim (app.spy('index expression', n));
CREATE INDEX victim_predicate ON app.victim (n) WHERE app.spy('index predicate', true);
ALTER TABLE app.victim ADD EXCLUDE USING gist (int4range(app.spy('exclusion', n), n, '[]') WITH &&);
CREATE TABLE app.heir (id int PRIMARY KEY, victim int REFERENCES app.victim);
CREATE TRIGGER fire AFTER INSERT OR UPDATE OR DELETE ON app.victim FOR EACH ROW EXECUTE FUNCTION app.fire();
CREATE TRIGGER fire_heir AFTER INSERT OR UPDATE OR DELETE ON app.heir FOR EACH ROW EXECUTE FUNCTION app.fire();
CREATE TRIGGER fire_statement AFTER INSERT OR UPDATE OR DELETE ON app.victim EXECUTE FUNCTION app.fire();
ALTER TABLE app.victim ENABLE ALWAYS TRIGGER fire;
ALTER TABLE app.victim ENABLE REPLICA TRIGGER fire_statement;
CREATE RULE nothing AS ON DELETE TO app.heir DO INSTEAD SELECT app.spy('rule', 1);
INSERT INTO app.victim (id, v, n, b, w) SELECT i, 'v', i, ROW('x', i)::app.box, 'w' FROM generate_series(1, 10) i;
INSERT INTO app.heir VALUES (1, 1);
RESET ROLE;
SELECT yesterday.track('app.victim');
SET ROLE yd_test_mallory;
BEGIN;
SELECT yesterday.begin_deployment('hostile');
UPDATE app.victim SET v = 'changed', n = n + 100, b = ROW('y', 0), w = 'z' WHERE id < 6;
DELETE FROM app.victim WHERE id = 7;
INSERT INTO app.victim (id, v, n, b, w) VALUES (20, 'new', 200, ROW('y', 0), 'z'), (21, 'new', 201, ROW('y', 0), 'z');
SELECT outcome, rows FROM yesterday.finish_deployment() WHERE outcome <> 'not tracked';
COMMIT;
INSERT INTO app.heir VALUES (2, 20);
INSERT INTO app.victim (id, v, n, b, w) VALUES (30, 'newcomer', 7, ROW('y', 0), 'z');
UPDATE app.victim SET v = 'since' WHERE id = 2;
ALTER TABLE app.victim ADD COLUMN later int DEFAULT app.spy('default', 1);
ALTER TABLE app.victim ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.victim FORCE ROW LEVEL SECURITY;
CREATE POLICY peek ON app.victim USING (app.spy('policy', false)) WITH CHECK (app.spy('policy', true));
ALTER TABLE app.heir ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.heir FORCE ROW LEVEL SECURITY;
CREATE POLICY peek ON app.heir USING (app.spy('policy', false)) WITH CHECK (app.spy('policy', true));
RESET ROLE;

TRUNCATE public.seen;
SELECT subject, outcome, rows FROM rollback_preview() WHERE outcome <> 'not tracked' OFFSET 1;
SELECT outcome, rows FROM app.roll_back();
-- whoever ran, it was the owner under our search_path; triggers, rules and policies are not there
SELECT DISTINCT route, who, path FROM public.seen ORDER BY 1, 2, 3;
SELECT rolsuper FROM pg_roles WHERE rolname = 'yd_test_mallory';
-- (a superuser who reads a hostile table runs its owner's code: not here)
SET ROLE yd_test_mallory;
ALTER TABLE app.victim DISABLE ROW LEVEL SECURITY;
ALTER TABLE app.heir DISABLE ROW LEVEL SECURITY;
SELECT id, v, n, b, w, g, later FROM app.victim WHERE id < 8 OR id > 10 ORDER BY id;
SELECT * FROM app.heir ORDER BY id;
RESET ROLE;

-- one command as the owner of an object
CREATE ROLE yd_test_owner;
SELECT yesterday._execute_as('yd_test_owner', 'SELECT app.spy(''x'', 1)');
GRANT USAGE ON SCHEMA app TO yd_test_owner;
TRUNCATE public.seen;
SELECT yesterday._execute_as('yd_test_owner', 'SELECT app.spy(''command'', 1)');
SELECT * FROM public.seen;
SELECT yesterday._execute_as('yd_test_owner', 'CREATE TABLE app.mine (id int)');
SELECT yesterday._execute_as('yd_test_mallory', 'CREATE TABLE app.mine (id int DEFAULT 1)');
SELECT yesterday._execute_as('yd_test_mallory', 'ALTER TABLE app.mine ADD COLUMN d date DEFAULT ''2026-01-02''');
SELECT yesterday._execute_as('yd_test_mallory', 'SET ROLE postgres');
SELECT yesterday._execute_as('yd_test_mallory', 'SELECT 1; SELECT 2');
SELECT yesterday._execute_as('yd_test_nobody', 'SELECT 1');
SELECT yesterday._execute_as('yd_test_mallory', 'COMMIT');
-- an error inside puts user and settings back
DO $$
BEGIN
    PERFORM yesterday._execute_as('yd_test_mallory', 'SELECT 1 / 0');
EXCEPTION WHEN division_by_zero THEN
    RAISE NOTICE '% %', current_user = session_user, current_setting('search_path');
END
$$;
SET ROLE yd_test_mallory;
SELECT yesterday._execute_as('yd_test_owner', 'SELECT 1');
SELECT yesterday._restore_rows(1, 0);
SELECT yesterday._preview_rows(1);
RESET ROLE;
SELECT rolsuper FROM pg_roles WHERE rolname = 'yd_test_mallory';

DROP TABLE public.seen;
SET client_min_messages = warning;
DROP SCHEMA app CASCADE;
DROP ROLE yd_test_mallory, yd_test_owner;
