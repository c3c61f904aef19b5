-- A hostile owner plants code on every route by which rows can reach it. Whoever tracks,
-- finishes, previews, compares, drills, abandons and rolls back, it runs as its owner or
-- not at all: never as the extension's owner, an admin, an operator or a viewer.
\ir include/cast.sql
\ir include/spy.sql

\c - mallory
CREATE DOMAIN mallory.word AS text CHECK (mallory.spies('domain', VALUE));
CREATE TYPE mallory.span AS RANGE (subtype = mallory.word);
CREATE TYPE mallory.pair AS (a int, b mallory.word);
CREATE TABLE mallory.by_check (id int PRIMARY KEY, v text CHECK (mallory.spies('check', v)));
CREATE TABLE mallory.by_domain (id int PRIMARY KEY, v mallory.word, vs mallory.word[], r mallory.span, p mallory.pair);
CREATE TABLE mallory.by_domain_key (id mallory.word PRIMARY KEY, v text);
CREATE TABLE mallory.by_index (id int PRIMARY KEY, v text);
CREATE UNIQUE INDEX by_index_expression ON mallory.by_index (mallory.spy('index', v));
CREATE INDEX by_index_predicate ON mallory.by_index (id) WHERE mallory.spies('predicate', v);
CREATE INDEX by_index_constant ON mallory.by_index ((v || mallory.spy('index', 'constant')));
CREATE TABLE mallory.by_generated (id int PRIMARY KEY, v text, g text GENERATED ALWAYS AS (mallory.spy('generated', v)) STORED);
CREATE TABLE mallory.by_default (id int PRIMARY KEY, v text DEFAULT mallory.spy('default', 'v'));
CREATE TABLE mallory.by_policy (id int PRIMARY KEY, v text);
ALTER TABLE mallory.by_policy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY by_policy ON mallory.by_policy USING (mallory.spies('policy', v)) WITH CHECK (mallory.spies('policy', v));
CREATE TABLE mallory.by_trigger (id int PRIMARY KEY, v text);
CREATE FUNCTION mallory.trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.act(tg_argv[0]);
    RETURN CASE tg_op WHEN 'DELETE' THEN old ELSE new END;
END
$$;
CREATE TRIGGER a BEFORE INSERT OR UPDATE OR DELETE ON mallory.by_trigger FOR EACH ROW EXECUTE FUNCTION mallory.trigger('trigger');
CREATE TRIGGER b AFTER INSERT OR UPDATE OR DELETE ON mallory.by_trigger FOR EACH ROW EXECUTE FUNCTION mallory.trigger('trigger');
CREATE TRIGGER c BEFORE INSERT OR UPDATE OR DELETE ON mallory.by_trigger FOR EACH STATEMENT EXECUTE FUNCTION mallory.trigger('trigger');
CREATE TRIGGER d AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mallory.by_trigger FOR EACH STATEMENT EXECUTE FUNCTION mallory.trigger('trigger');
ALTER TABLE mallory.by_trigger ENABLE ALWAYS TRIGGER a, ENABLE ALWAYS TRIGGER b, ENABLE REPLICA TRIGGER c, ENABLE ALWAYS TRIGGER d;
CREATE TABLE mallory.by_deferred (id int PRIMARY KEY, v text);
CREATE CONSTRAINT TRIGGER e AFTER INSERT OR UPDATE OR DELETE ON mallory.by_deferred
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION mallory.trigger('deferred');
CREATE TABLE mallory.by_rule (id int PRIMARY KEY, v text);
CREATE RULE f AS ON UPDATE TO mallory.by_rule DO ALSO SELECT mallory.act('rule');
CREATE RULE g AS ON DELETE TO mallory.by_rule DO ALSO SELECT mallory.act('rule');
CREATE VIEW mallory.by_view AS SELECT id, mallory.spy('view', v) AS v FROM mallory.by_rule;
CREATE TABLE mallory.by_partition (id int, v text) PARTITION BY LIST (mallory.spy('partition', v));
CREATE TABLE mallory.by_partition_1 PARTITION OF mallory.by_partition DEFAULT;
CREATE TABLE mallory.by_partition_2 PARTITION OF mallory.by_partition FOR VALUES IN ('elsewhere');
CREATE TABLE mallory.by_expression (id int NOT NULL, v text, EXCLUDE (mallory.spy('exclusion', v) WITH =));
-- only a note: an error caught within an index would break PostgreSQL itself
CREATE FUNCTION mallory.compare(int, int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.note('opclass');
    RETURN pg_catalog.btint4cmp($1, $2);
END
$$;
CREATE FUNCTION mallory.equal(int, int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.note('operator');
    RETURN pg_catalog.int4eq($1, $2);
END
$$;
CREATE OPERATOR mallory.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = mallory.equal, COMMUTATOR = OPERATOR(mallory.===));
\c - :owner
-- only a superuser makes an operator class; its functions stay mallory's
GRANT CREATE ON SCHEMA mallory TO CURRENT_USER;
CREATE OPERATOR CLASS mallory.int_ops FOR TYPE int USING btree AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 mallory.===, OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 mallory.compare(int, int);
\c - mallory
CREATE TABLE mallory.by_opclass (id int NOT NULL, v text);
CREATE UNIQUE INDEX by_opclass_key ON mallory.by_opclass (id mallory.int_ops);
ALTER TABLE mallory.by_opclass ADD EXCLUDE USING btree (id mallory.int_ops WITH OPERATOR(mallory.===));
-- references from and to, cast by mallory's own function
CREATE TYPE mallory.code AS ENUM ('1', '2', '3');
CREATE FUNCTION mallory.code_to_int(mallory.code) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.act('cast');
    RETURN $1::text::int;
END
$$;
CREATE CAST (mallory.code AS int) WITH FUNCTION mallory.code_to_int(mallory.code) AS IMPLICIT;
CREATE TABLE mallory.parent (id int PRIMARY KEY, v text);
CREATE TABLE mallory.by_cast (id int PRIMARY KEY, v mallory.code REFERENCES mallory.parent);
GRANT USAGE ON SCHEMA mallory TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA mallory TO esc_deployer;
GRANT SELECT ON ALL TABLES IN SCHEMA mallory TO esc_viewer;
\c - :owner
-- somebody else's table whose constraint calls mallory's function
CREATE SCHEMA builder AUTHORIZATION builder;
\c - builder
CREATE TABLE builder.by_check (id int PRIMARY KEY, v text CHECK (mallory.spies('builder check', v)));
GRANT USAGE ON SCHEMA builder TO PUBLIC;
GRANT ALL ON builder.by_check TO esc_deployer;
\c - :owner
\c - mallory
INSERT INTO mallory.parent SELECT n, 'v' FROM generate_series(1, 9) n;
\c - :owner
CREATE TABLE evidence.simple AS
SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('mallory', 'builder') AND c.relkind = 'r'
  AND c.relname NOT IN ('parent', 'by_partition_1', 'by_partition_2', 'by_domain', 'by_domain_key', 'by_cast');
GRANT SELECT ON evidence.simple TO PUBLIC;
-- what a deployment does: a row changes, one goes, one comes
CREATE PROCEDURE evidence.deploy() LANGUAGE plpgsql AS $$
DECLARE
    wanted text;
BEGIN
    FOR wanted IN SELECT name FROM evidence.simple LOOP
        EXECUTE format('UPDATE %s SET v = ''changed'' WHERE id = 1', wanted);
        EXECUTE format('DELETE FROM %s WHERE id = 2', wanted);
        EXECUTE format('INSERT INTO %s (id, v) VALUES (3, ''new'')', wanted);
    END LOOP;
    UPDATE mallory.by_partition SET v = 'changed' WHERE id = 1;
    DELETE FROM mallory.by_partition WHERE id = 2;
    INSERT INTO mallory.by_partition VALUES (3, 'new');
    UPDATE mallory.by_domain SET v = 'changed', vs = ARRAY['c', 'd'], r = '[c,d]', p = (2, 'b') WHERE id = 1;
    DELETE FROM mallory.by_domain WHERE id = 2;
    INSERT INTO mallory.by_domain VALUES (3, 'new', '{e,f}', '[e,f]', (3, 'c'));
    UPDATE mallory.by_domain_key SET v = 'changed' WHERE id = '1';
    DELETE FROM mallory.by_domain_key WHERE id = '2';
    INSERT INTO mallory.by_domain_key VALUES ('3', 'new');
    UPDATE mallory.by_cast SET v = '3' WHERE id = 1;
    DELETE FROM mallory.by_cast WHERE id = 2;
    INSERT INTO mallory.by_cast VALUES (3, '1');
    DELETE FROM mallory.parent WHERE id = 8;
    INSERT INTO mallory.parent VALUES (10, 'new');
END
$$;
CREATE PROCEDURE evidence.fill() LANGUAGE plpgsql AS $$
DECLARE
    wanted text;
BEGIN
    FOR wanted IN SELECT name FROM evidence.simple LOOP
        EXECUTE format('INSERT INTO %s (id, v) VALUES (1, ''one''), (2, ''two'')', wanted);
    END LOOP;
    INSERT INTO mallory.by_partition VALUES (1, 'one'), (2, 'two');
    INSERT INTO mallory.by_domain VALUES (1, 'one', '{a,b}', '[a,b]', (1, 'a')), (2, 'two', '{a,b}', '[a,b]', (1, 'a'));
    INSERT INTO mallory.by_domain_key VALUES ('1', 'one'), ('2', 'two');
    INSERT INTO mallory.by_cast VALUES (1, '1'), (2, '2');
END
$$;
\c - esc_deployer
CALL evidence.fill();
\c - :owner
CALL evidence.collect('fill');

\c - esc_admin
SELECT FROM yesterday.track_like('mallory', '%');
SELECT FROM yesterday.track('builder.by_check');
\c - :owner
CALL evidence.collect('track');

\c - esc_deployer
BEGIN;
SELECT FROM yesterday.begin_deployment('first');
CALL evidence.deploy();
\c - :owner
CALL evidence.collect('nothing');      -- the connection went, and the deployment with it
\c - esc_deployer
BEGIN;
SELECT FROM yesterday.begin_deployment('first');
\c - :owner
CALL evidence.collect('nothing');

-- a whole life: deploy, finish with its proof, look, drill, roll back
\c - esc_deployer
BEGIN;
SELECT FROM yesterday.begin_deployment('first');
CALL evidence.deploy();
SET CONSTRAINTS ALL IMMEDIATE;
SELECT FROM yesterday.finish_deployment();
COMMIT;
\c - :owner
CALL evidence.collect('deploy and finish');

-- columns that came since: their default counts for rows that come back
\c - mallory
ALTER TABLE mallory.by_check ADD COLUMN later text DEFAULT mallory.spy('default', 'later');
\c - :owner
CALL evidence.collect('nothing');

\c - esc_viewer
SELECT FROM rollback_preview();
\c - :owner
CALL evidence.collect('preview');

\c - esc_viewer
SELECT FROM yesterday.diff('first');
\c - esc_admin
SELECT FROM yesterday.diff('first');
SELECT FROM yesterday.attic;
\c - :owner
SELECT FROM yesterday.diff('first');
CALL evidence.collect('diff');

\c - esc_viewer
SELECT FROM yesterday.prior(NULL::mallory.by_domain, 'first');
\c - esc_admin
SELECT FROM yesterday.prior(NULL::mallory.by_domain, 'first');
SELECT FROM yesterday.prior(NULL::mallory.by_domain_key, 'first');
SELECT FROM yesterday.prior(NULL::mallory.by_policy, 'first');
\c - :owner
SELECT FROM yesterday.prior(NULL::mallory.by_domain, 'first');
SELECT FROM yesterday.prior(NULL::mallory.by_domain_key, 'first');
SELECT FROM yesterday.prior(NULL::mallory.by_index, 'first');
SELECT FROM yesterday.prior(NULL::mallory.by_policy, 'first');
CALL evidence.collect('prior');

\c - esc_operator
SELECT FROM yesterday.drill();
\c - :owner
CALL evidence.collect('drill');

\c - esc_operator
SELECT FROM rollback_last(reason => 'test');
\c - :owner
CALL evidence.collect('rollback');
INSERT INTO evidence.run SELECT 'state', 'by_check', v, id FROM mallory.by_check;

-- the same in open scope, abandoned and, once finished, rolled back by the superuser
\c - esc_admin
SELECT FROM yesterday.clear_freeze('test');
\c - esc_deployer
SELECT yesterday.begin_deployment('second', scope => 'open') AS second \gset
SET yesterday.deployment = :second;
CALL evidence.deploy();
\c - :owner
CALL evidence.collect('nothing');
\c - esc_deployer
SELECT FROM yesterday.abandon_deployment(:second);
\c - :owner
CALL evidence.collect('abandon');
\c - esc_deployer
SELECT yesterday.begin_deployment('third', scope => 'open') AS third \gset
SET yesterday.deployment = :third;
CALL evidence.deploy();
\c - :owner
CALL evidence.collect('nothing');
\c - esc_deployer
SELECT FROM yesterday.finish_deployment(:third);
\c - :owner
CALL evidence.collect('finish in open scope');
SELECT FROM rollback_preview();
SELECT FROM rollback_last();
CALL evidence.collect('rollback by a superuser');

SELECT no_plan();
SELECT results_eq($$SELECT times, as_role FROM evidence.run WHERE phase = 'state' ORDER BY 1$$,
                  $$VALUES (1::bigint, 'one'), (2, 'two')$$, 'the rollback put rows back');
SELECT is(evidence.gained(), '', 'mallory has gained nothing');
SELECT isnt(evidence.ran('fill', 'esc_deployer'), '', 'the traps work');
SELECT is(evidence.ran_as_others('track', '{mallory}'), '', 'track: as nobody but the owner');
SELECT is(evidence.ran_as_others('deploy and finish', '{mallory,esc_deployer,builder}'), '',
          'a deployer''s own writes run the code as the deployer, the proof as the owner');
SELECT is(evidence.ran_as_others(phase, '{mallory,builder}'), '', phase || ': as nobody but the owner of the table')
FROM unnest(ARRAY['preview', 'drill', 'rollback', 'abandon', 'finish in open scope', 'rollback by a superuser']) AS phase;
SELECT is(evidence.ran_as_others(phase, '{mallory,builder}'), '', phase || ': as nobody but the owner of the table')
FROM unnest(ARRAY['diff', 'prior']) AS phase;
SELECT is(evidence.ran(phase, 'builder'), 'builder check', phase || ': as another owner only what stands at that owner''s table')
FROM unnest(ARRAY['drill', 'rollback', 'abandon', 'rollback by a superuser']) AS phase;
-- not vacuous: these routes are really gone
SELECT is(evidence.ran(phase, 'mallory'),
          'cast, check, default, domain, exclusion, generated, index, opclass, operator, partition, predicate',
          phase || ': routes that run, as the owner')
FROM unnest(ARRAY['rollback', 'drill']) AS phase;
SELECT is((SELECT count(*) FROM evidence.run
           WHERE route IN ('trigger', 'deferred', 'policy', 'rule', 'view')
             AND phase NOT IN ('fill', 'deploy and finish', 'nothing')), 0::bigint,
          'no trigger, rule, view or policy ever takes part');
SELECT * FROM finish();
\ir include/leave.sql
