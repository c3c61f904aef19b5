-- Names that stand in for others: everybody's search path begins with a schema in which mallory
-- has made functions, operators, casts and types that look like the system's. Event triggers and
-- names with statements in them, too. Nothing of it runs for anybody who calls a function of
-- Yesterday's.
\ir include/cast.sql
\ir include/spy.sql
GRANT CREATE ON SCHEMA public TO mallory;
SELECT format('GRANT CREATE ON DATABASE %I TO mallory', current_database()) \gexec

\c - mallory
CREATE FUNCTION public.trap(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1; END $$;
CREATE FUNCTION public.trapped(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1::pg_catalog.text OPERATOR(pg_catalog.=) $2::pg_catalog.text; END $$;
CREATE FUNCTION public.trapped(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE FUNCTION public.trapped(text[], text[]) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE FUNCTION public.trapped(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE FUNCTION public.trapped(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE FUNCTION public.trapped(name, name) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE FUNCTION public.trapped(oid, oid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE FUNCTION public.trapped(jsonb, jsonb) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE FUNCTION public.trapped_get(jsonb, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.->>) $2; END $$;
CREATE FUNCTION public.trapped_plus(bigint, int) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $1 OPERATOR(pg_catalog.+) $2; END $$;
SELECT format('CREATE OPERATOR public.= (LEFTARG = %1$s, RIGHTARG = %1$s, FUNCTION = public.trapped)', t)
FROM unnest(ARRAY['varchar', 'text', 'text[]', 'bigint', 'int', 'name', 'oid', 'jsonb']) AS t \gexec
CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = public.trapped_get);
CREATE OPERATOR public.+ (LEFTARG = bigint, RIGHTARG = int, FUNCTION = public.trapped_plus);
-- look-alikes of functions: any arguments
CREATE FUNCTION public.format(text, VARIADIC anyarray) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN 'x'; END $$;
CREATE FUNCTION public.count(anyelement) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN 1; END $$;
CREATE FUNCTION public.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN $2; END $$;
CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN 'x'; END $$;
CREATE FUNCTION public.to_regclass(text) RETURNS regclass LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN NULL; END $$;
CREATE FUNCTION public.jsonb_typeof(jsonb) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN 'object'; END $$;
CREATE FUNCTION public.pg_has_role(name, name, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN true; END $$;
CREATE FUNCTION public.has_table_privilege(oid, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN true; END $$;
CREATE FUNCTION public.row_security_active(oid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN false; END $$;
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('path'); RETURN pg_catalog.now(); END $$;
-- look-alikes of types, where a cast would run a check
CREATE DOMAIN public."char" AS pg_catalog."char" CHECK (mallory.spies('path', VALUE::pg_catalog.text));
CREATE DOMAIN public.name AS pg_catalog.name CHECK (mallory.spies('path', VALUE::pg_catalog.text));
CREATE DOMAIN public.text AS pg_catalog.text CHECK (mallory.spies('path', VALUE));
CREATE DOMAIN public.jsonb AS pg_catalog.jsonb CHECK (mallory.spies('path', VALUE::pg_catalog.text));
CREATE DOMAIN public.oid AS pg_catalog.oid CHECK (mallory.spies('path', VALUE::pg_catalog.text));

-- names with statements in them
CREATE SCHEMA "it's; ALTER ROLE mallory SUPERUSER; --";
CREATE TABLE "it's; ALTER ROLE mallory SUPERUSER; --"."a"" b'; ALTER ROLE mallory SUPERUSER; --" (
    "k'); ALTER ROLE mallory SUPERUSER; --" varchar PRIMARY KEY, "%s %I $1 {}" text, "t" text,
    "was"" ' there" text DEFAULT $q$'); ALTER ROLE mallory SUPERUSER; --$q$);
INSERT INTO "it's; ALTER ROLE mallory SUPERUSER; --"."a"" b'; ALTER ROLE mallory SUPERUSER; --"
SELECT n::pg_catalog.text || $q$'); ALTER ROLE mallory SUPERUSER; --$q$, 'one', 't' FROM pg_catalog.generate_series(1, 3) n;
CREATE TABLE mallory.plain (id varchar PRIMARY KEY, v varchar);
INSERT INTO mallory.plain VALUES ('1', 'one'), ('2', 'two');
GRANT ALL ON mallory.plain TO esc_deployer;
CREATE FUNCTION mallory.event() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM mallory.act('event'); END $$;
\c - :owner
-- event triggers need a superuser to make them; their function is mallory's
CREATE EVENT TRIGGER mallory_start ON ddl_command_start EXECUTE FUNCTION mallory.event();
CREATE EVENT TRIGGER mallory_end ON ddl_command_end EXECUTE FUNCTION mallory.event();
CREATE EVENT TRIGGER mallory_drop ON sql_drop EXECUTE FUNCTION mallory.event();
CREATE EVENT TRIGGER mallory_rewrite ON table_rewrite EXECUTE FUNCTION mallory.event();
ALTER EVENT TRIGGER mallory_start ENABLE ALWAYS;
ALTER EVENT TRIGGER mallory_end ENABLE ALWAYS;
ALTER EVENT TRIGGER mallory_drop ENABLE ALWAYS;

-- the worst path there is, for everybody who calls us
\setenv PGOPTIONS '-c client_min_messages=warning -c search_path=public,pg_catalog'
\c - esc_business
SELECT FROM (SELECT 'a'::varchar = 'b'::varchar) AS trapped(x) WHERE x;
\c - :owner
CALL evidence.collect('control');
\c - esc_admin
SELECT FROM yesterday.track_like('it''s%', '%');
SELECT FROM yesterday.track('mallory.plain');
\c - esc_deployer
BEGIN;
SELECT FROM yesterday.begin_deployment($$'; ALTER ROLE mallory SUPERUSER; --$$, note => $$'); ALTER ROLE mallory SUPERUSER; --$$);
UPDATE mallory.plain SET v = 'changed' WHERE id OPERATOR(pg_catalog.=) '1';
DELETE FROM mallory.plain WHERE id OPERATOR(pg_catalog.=) '2';
SELECT FROM yesterday.finish_deployment();
COMMIT;
\c - esc_viewer
SELECT FROM rollback_preview();
\c - esc_admin
SELECT FROM yesterday.diff('1');
SELECT FROM yesterday.prior(NULL::mallory.plain, '1');
SELECT FROM yesterday.status;
SELECT FROM yesterday.history;
SELECT FROM yesterday.tracked;
SELECT FROM yesterday.events;
SELECT FROM yesterday.attic;
\c - :owner
SELECT FROM yesterday.diff('1');
SELECT FROM yesterday.prior(NULL::mallory.plain, '1');
\c - esc_operator
SELECT FROM yesterday.drill();
SELECT FROM rollback_last(reason => $$'); ALTER ROLE mallory SUPERUSER; --$$);
\c - esc_admin
SELECT FROM yesterday.clear_freeze($$'); ALTER ROLE mallory SUPERUSER; --$$);
\c - :owner
CALL evidence.collect('paths');

-- restore() is the caller's own DML; it looks up nothing by the path either
\c - :owner
BEGIN;
SELECT FROM yesterday.begin_deployment('base');
UPDATE mallory.plain SET v = 'changed' WHERE id OPERATOR(pg_catalog.=) '1';
DELETE FROM mallory.plain WHERE id OPERATOR(pg_catalog.=) '2';
INSERT INTO mallory.plain VALUES ('3', 'new');
SELECT FROM yesterday.finish_deployment();
COMMIT;
CALL evidence.collect('nothing');
BEGIN;
SELECT FROM yesterday.begin_deployment('restoring');
SELECT FROM yesterday.restore('mallory.plain', '[{"id": "1"}, {"id": "2"}, {"id": "3"}]', 'base');
SELECT FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO evidence.run SELECT 'restored', id, v, 1 FROM mallory.plain;
CALL evidence.collect('restore');

-- hostile names, and DDL undone under hostile event triggers
\setenv PGOPTIONS '-c client_min_messages=warning'
\c - :owner
GRANT mallory TO esc_deployer;
\c - esc_deployer
SET ROLE mallory;
BEGIN;
RESET ROLE;
SELECT FROM yesterday.begin_deployment('names');
UPDATE "it's; ALTER ROLE mallory SUPERUSER; --"."a"" b'; ALTER ROLE mallory SUPERUSER; --" SET "%s %I $1 {}" = $q$'); ALTER ROLE mallory SUPERUSER; --$q$, "t" = NULL;
SET ROLE mallory;
ALTER TABLE "it's; ALTER ROLE mallory SUPERUSER; --"."a"" b'; ALTER ROLE mallory SUPERUSER; --"
    ADD COLUMN "new'; --" text DEFAULT $q$'); ALTER ROLE mallory SUPERUSER; --$q$,
    ADD CONSTRAINT "c'; ALTER ROLE mallory SUPERUSER; --" CHECK ("t" <> $q$'); ALTER ROLE mallory SUPERUSER; --$q$),
    ALTER COLUMN "was"" ' there" SET DEFAULT $q$other'); ALTER ROLE mallory SUPERUSER; --$q$;
CREATE INDEX "i'; ALTER ROLE mallory SUPERUSER; --" ON "it's; ALTER ROLE mallory SUPERUSER; --"."a"" b'; ALTER ROLE mallory SUPERUSER; --" ("t");
CREATE TABLE mallory."made'; ALTER ROLE mallory SUPERUSER; --" (a int);
COMMENT ON TABLE mallory."made'; ALTER ROLE mallory SUPERUSER; --" IS $q$'; ALTER ROLE mallory SUPERUSER; --$q$;
CREATE FUNCTION mallory."f'; ALTER ROLE mallory SUPERUSER; --"(text DEFAULT $q$'; ALTER ROLE mallory SUPERUSER; --$q$) RETURNS text LANGUAGE sql AS $q$ SELECT $1 $q$;
RESET ROLE;
\o /dev/null
SELECT * FROM yesterday.finish_deployment();
\o
COMMIT;
\c - :owner
CALL evidence.collect('nothing');
SELECT FROM rollback_preview();
SELECT FROM yesterday.diff('names');
CALL evidence.collect('look at names');
\c - esc_operator
SELECT FROM rollback_last();
\c - :owner
CALL evidence.collect('undo names');
INSERT INTO evidence.run SELECT 'gained', evidence.gained(), '', 1;
-- before pgTAP: its own tables would set off mallory's event triggers, as us
DROP EVENT TRIGGER mallory_start; DROP EVENT TRIGGER mallory_end; DROP EVENT TRIGGER mallory_drop; DROP EVENT TRIGGER mallory_rewrite;

SELECT no_plan();
SELECT is(evidence.ran('control', 'another role'), '', 'mallory sees who it is');
SELECT is(evidence.ran('control', 'esc_business'), 'path', 'the traps work');
SELECT is(evidence.ran_as_others('paths', '{}'), '', 'nobody runs anything that the path put in the way');
SELECT is(evidence.ran_as_others('restore', '{}'), '', 'nor does restore()');
SELECT results_eq($$SELECT route, as_role FROM evidence.run WHERE phase = 'restored' ORDER BY 1$$,
                  $$VALUES ('1'::pg_catalog.text, 'one'::pg_catalog.text), ('2', 'two')$$, 'which restores');
SELECT is(evidence.ran_as_others('look at names', '{mallory}'), '', 'looking at hostile names runs nothing as others');
SELECT is(evidence.ran_as_others('undo names', '{mallory}'), '', 'event triggers see inverse DDL as the owner of the object, if at all');
SELECT is((SELECT pg_catalog.count(*) FROM pg_catalog.pg_class WHERE relname LIKE 'made%' OR relname LIKE 'i''%'), 0::bigint, 'the DDL is undone');
SELECT is((SELECT route FROM evidence.run WHERE phase = 'gained'), '', 'mallory has gained nothing');
SELECT * FROM finish();
\ir include/leave.sql
