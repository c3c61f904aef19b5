-- What each role may call and see, function by function and view by view; what a business user
-- without any role of Yesterday's must be able to do; and who sees prior rows.
\ir include/cast.sql

CREATE SCHEMA app AUTHORIZATION builder;
GRANT USAGE, CREATE ON SCHEMA app TO esc_business, esc_tool;
GRANT USAGE ON SCHEMA app TO PUBLIC;
\c - builder
CREATE TABLE app.screen (id int PRIMARY KEY, title text);
CREATE TABLE app.secret (id int PRIMARY KEY, title text);
CREATE TABLE app.own_rows (id int PRIMARY KEY, whose name, title text);
ALTER TABLE app.own_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON app.own_rows USING (whose = current_user);
INSERT INTO app.screen VALUES (1, 'yesterday'), (2, 'yesterday');
INSERT INTO app.secret VALUES (1, 'yesterday');
INSERT INTO app.own_rows VALUES (1, 'esc_viewer', 'yesterday'), (2, 'builder', 'yesterday');
GRANT ALL ON app.screen TO esc_business, esc_tool, esc_deployer;
GRANT ALL ON app.secret, app.own_rows TO esc_deployer;
GRANT SELECT ON app.screen, app.own_rows TO esc_viewer;
\c - :owner
CREATE TABLE public.told (what text, code text, message text);
GRANT INSERT, SELECT ON public.told TO PUBLIC;
-- runs a statement as the caller and keeps what became of it: its first value, or its error
CREATE PROCEDURE public.try(what text, statement text) LANGUAGE plpgsql AS $$
DECLARE
    result text;
    reason text;
BEGIN
    IF statement ~* '^SELECT|RETURNING' THEN
        EXECUTE statement INTO result;
    ELSE
        EXECUTE statement;
    END IF;
    INSERT INTO public.told VALUES (what, 'ok', result);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
    INSERT INTO public.told VALUES (what, sqlstate, format('%s: %s', sqlerrm, reason));
END
$$;
GRANT EXECUTE ON PROCEDURE public.try(text, text) TO PUBLIC;

\c - esc_admin
SELECT FROM yesterday.track_like('app', '%');

-- ---- a business user, outside and inside of deployments ----
\c - esc_business
CALL public.try('business: writes', $$INSERT INTO app.screen VALUES (10, 'business') RETURNING id$$);
CALL public.try('business: creates a tracked table', 'CREATE TABLE app.mine (id int PRIMARY KEY, v text)');
CALL public.try('business: alters it', 'ALTER TABLE app.mine ADD COLUMN w text');
CALL public.try('business: writes it', 'INSERT INTO app.mine VALUES (1, 1, 1) RETURNING id');
CALL public.try('business: creates like it', 'CREATE TABLE app.copy AS SELECT * FROM app.mine');
CALL public.try('business: truncates it', 'TRUNCATE app.mine');
CALL public.try('business: drops it', 'DROP TABLE app.copy');
CALL public.try('business: begins', $$SELECT yesterday.begin_deployment('x')$$);
CALL public.try('business: rolls back', 'SELECT outcome FROM rollback_last()');
CALL public.try('business: previews', 'SELECT outcome FROM rollback_preview()');
CALL public.try('business: looks at status', 'SELECT state FROM yesterday.status');
CALL public.try('business: calls _capturing', 'SELECT yesterday._capturing(false, NULL, NULL)');
\c - esc_deployer
SELECT yesterday.begin_deployment('tool', scope => 'open', join_role => 'esc_tool') AS tool \gset
\c - esc_tool
CALL public.try('tool: writes', $$UPDATE app.screen SET title = 'tool' WHERE id = 1 RETURNING title$$);
CALL public.try('tool: creates a table', 'CREATE TABLE app.by_tool (id int PRIMARY KEY)');
CALL public.try('tool: writes it', 'INSERT INTO app.by_tool VALUES (1) RETURNING id');
CALL public.try('tool: finishes', 'SELECT outcome FROM yesterday.finish_deployment()');
\c - esc_business
CALL public.try('business: writes beside', $$UPDATE app.screen SET title = 'business' WHERE id = 2 RETURNING title$$);
CALL public.try('business: DDL beside', 'CREATE TABLE app.beside (id int)');
SET yesterday.deployment = :tool;
CALL public.try('business: joins', $$UPDATE app.screen SET title = 'joined' WHERE id = 2$$);
\c - esc_tool
SET yesterday.deployment = :tool;
CALL public.try('tool: joins by name', $$UPDATE app.screen SET title = 'tool again' WHERE id = 1 RETURNING title$$);
\c - esc_viewer
SET yesterday.deployment = :tool;
CALL public.try('viewer: joins', 'CREATE TEMP TABLE t (a int)');
\c - esc_deployer
SET yesterday.deployment = :tool;
CALL public.try('deployer: joins', $$UPDATE app.secret SET title = 'deployed' RETURNING title$$);
\c - esc_deployer
SET yesterday.proof = 'off';
CALL public.try('deployer: finishes unproven', format('SELECT outcome FROM yesterday.finish_deployment(%s)', :tool));
CALL public.try('deployer: finishes unproven by the inner function', format('SELECT outcome FROM yesterday._finish(%s)', :tool));
RESET yesterday.proof;
CALL public.try('deployer: finishes', format('SELECT outcome FROM yesterday.finish_deployment(%s)', :tool));
\c - esc_operator
CALL public.try('operator: rolls back', $$SELECT outcome FROM rollback_last(reason => 'test')$$);
CALL public.try('operator: clears the freeze', $$SELECT yesterday.clear_freeze('test')$$);
\c - esc_deployer
CALL public.try('deployer: rolls back', 'SELECT outcome FROM rollback_last()');
CALL public.try('deployer: clears the freeze', $$SELECT yesterday.clear_freeze('test')$$);
\c - esc_admin
CALL public.try('admin: clears the freeze', $$SELECT yesterday.clear_freeze('test')$$);

-- ---- prior rows ----
\c - esc_deployer
BEGIN;
SELECT FROM yesterday.begin_deployment('look');
UPDATE app.screen SET title = 'changed';
UPDATE app.secret SET title = 'changed';
\c - :owner
BEGIN;
SELECT FROM yesterday.begin_deployment('look');
UPDATE app.screen SET title = 'changed';
UPDATE app.secret SET title = 'changed';
UPDATE app.own_rows SET title = 'changed';
SELECT FROM yesterday.finish_deployment();
COMMIT;
\c - esc_viewer
CALL public.try('viewer: diff', $$SELECT string_agg(DISTINCT table_name, ', ') FROM yesterday.diff('look')$$);
CALL public.try('viewer: prior of what it may read', $$SELECT count(*) FROM yesterday.prior(NULL::app.screen, 'look') WHERE title <> 'changed'$$);
CALL public.try('viewer: prior of what it may not read', $$SELECT count(*) FROM yesterday.prior(NULL::app.secret, 'look')$$);
CALL public.try('viewer: prior under row security', $$SELECT count(*) FROM yesterday.prior(NULL::app.own_rows, 'look')$$);
CALL public.try('viewer: restores', $$SELECT yesterday.restore('app.screen', '{"id": 1}', 'look')$$);
\c - esc_admin
CALL public.try('admin: diff', $$SELECT string_agg(DISTINCT table_name, ', ') FROM yesterday.diff('look')$$);
CALL public.try('admin: prior', $$SELECT count(*) FROM yesterday.prior(NULL::app.own_rows, 'look')$$);
CALL public.try('admin: reads the table itself', 'SELECT count(*) FROM app.secret');
-- what goes to the attic obeys the same rule
\c - builder
UPDATE app.screen SET title = 'later' WHERE id = 1;
UPDATE app.secret SET title = 'later';
\c - esc_operator
SELECT FROM rollback_last(reason => 'attic');
\c - esc_viewer
CALL public.try('viewer: attic', $$SELECT string_agg(DISTINCT table_name, ', ') FROM yesterday.attic$$);
\c - esc_admin
CALL public.try('admin: attic', $$SELECT string_agg(DISTINCT table_name, ', ') FROM yesterday.attic$$);
-- another table under the old name does not open the attic of the old one
\c - builder
DROP TABLE app.secret;
\c - esc_business
CREATE TABLE app.secret (id int PRIMARY KEY, title text);
\c - :owner
GRANT yesterday_viewer TO esc_business;
\c - esc_business
CALL public.try('impostor: attic', $$SELECT string_agg(DISTINCT table_name, ', ') FROM yesterday.attic$$);
CALL public.try('impostor: prior', $$SELECT count(*) FROM yesterday.prior(NULL::app.secret, 'look')$$);
CALL public.try('impostor: diff', $$SELECT string_agg(DISTINCT table_name, ', ') FROM yesterday.diff('look')$$);

\c - esc_admin
SELECT yesterday.clear_freeze('test');
\c - builder
CREATE TABLE app.later (id int PRIMARY KEY, title text);
INSERT INTO app.later VALUES (1, 'yesterday');
\c - :owner
BEGIN;
SELECT FROM yesterday.begin_deployment('impostor');
UPDATE app.later SET title = 'changed';
SELECT FROM yesterday.finish_deployment();
COMMIT;
\c - builder
DROP TABLE app.later;
\c - esc_business
CREATE TABLE app.later (id int PRIMARY KEY, title text);
CALL public.try('impostor: prior images of another''s table', $$SELECT count(*) FROM yesterday.prior(NULL::app.later, 'impostor')$$);
CALL public.try('impostor: records of another''s table', $$SELECT count(*) FROM yesterday._captured_since('app', 'later', 1) c, yesterday._records(c.captured)$$);
\c - esc_operator
CALL public.try('impostor: gets rows by a rollback', $$SELECT outcome FROM rollback_last()$$);

\c - :owner
SELECT no_plan();

-- ---- the catalogue ----
CREATE FUNCTION public.callers(function regprocedure) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(replace(r.rolname, 'yesterday_', ''), ' ' ORDER BY r.rolname), 'nobody')
    FROM pg_roles r
    WHERE r.rolname IN ('yesterday_viewer', 'yesterday_deployer', 'yesterday_operator', 'yesterday_admin', 'esc_tool')
      AND has_function_privilege(r.rolname, function, 'EXECUTE')
$$;
SELECT is(string_agg(p.oid::regprocedure::text, ', '), 'yesterday._capturing(boolean,tid,tid)', 'PUBLIC executes nothing but _capturing()')
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'yesterday'
WHERE has_function_privilege('esc_tool', p.oid, 'EXECUTE');
SELECT is(callers(function::regprocedure), wanted, function)
FROM (VALUES
    ('yesterday.track(regclass, text, text, name[], name[])', 'admin'),
    ('yesterday.untrack(regclass)', 'admin'),
    ('yesterday.track_like(text, text, text, text)', 'admin'),
    ('yesterday.untrack_like(text, text)', 'admin'),
    ('yesterday.begin_deployment(text, jsonb, jsonb, text, text, boolean, name)', 'admin deployer'),
    ('yesterday.finish_deployment(bigint)', 'admin deployer'),
    ('yesterday.abandon_deployment(bigint)', 'admin deployer operator'),
    ('yesterday.restore(regclass, jsonb, text)', 'admin deployer'),
    ('rollback_last(text, text, boolean)', 'admin operator'),
    ('yesterday.rollback_to(text, text, boolean)', 'admin operator'),
    ('yesterday.drill(boolean)', 'admin operator'),
    ('yesterday.set_runtime(text, text, jsonb)', 'admin'),
    ('yesterday.unset_runtime(text)', 'admin'),
    ('yesterday.adopt_artifacts(jsonb, text)', 'admin deployer'),
    ('yesterday.confirm_artifacts(bigint, text)', 'admin deployer operator'),
    ('yesterday.take_lease(text, interval, bigint)', 'admin deployer operator'),
    ('yesterday.renew_lease(bigint, interval)', 'admin deployer operator'),
    ('yesterday.release_lease(bigint)', 'admin deployer operator'),
    ('yesterday.begin_switch(bigint)', 'admin deployer operator'),
    ('yesterday.end_switch(bigint, boolean, jsonb)', 'admin deployer operator'),
    ('yesterday.note_artifact_check(text, text, text, bigint)', 'admin deployer operator'),
    ('yesterday.freeze(text)', 'admin operator'),
    ('yesterday.clear_freeze(text, boolean)', 'admin'),
    ('yesterday.set_dedicated(boolean, text)', 'admin'),
    ('yesterday.enroll(uuid, text, text, text[])', 'admin'),
    ('yesterday.leave_train(text)', 'admin'),
    ('yesterday.confirm_aligned(text)', 'admin'),
    ('yesterday.grant_permit(text, text, text, jsonb, timestamptz, text)', 'admin'),
    ('yesterday.revoke_permit(bigint, text)', 'admin'),
    ('yesterday.begin_realignment(bigint, text, text, jsonb, jsonb, text, boolean)', 'admin deployer'),
    ('yesterday.portable_digest(text[])', 'admin deployer operator viewer'),
    ('yesterday.portable_rows(regclass)', 'admin deployer operator'),
    ('yesterday.displaced_digest(bigint, text[])', 'admin deployer'),
    ('yesterday.displaced_tables(bigint)', 'admin deployer'),
    ('yesterday.inverse_document(bigint)', 'admin deployer'),
    ('yesterday.state_digest()', 'admin deployer'),
    ('yesterday.train_facts()', 'admin deployer operator viewer'),
    ('yesterday.position()', 'admin deployer operator viewer'),
    ('yesterday.local_columns()', 'admin deployer operator viewer'),
    ('yesterday.forget(integer, interval)', 'admin'),
    ('yesterday.trust_images(text, text)', 'admin'),
    ('rollback_preview(text)', 'admin deployer operator viewer'),
    ('yesterday.diff(text)', 'admin deployer operator viewer'),
    ('yesterday.prior(anyelement, text)', 'admin deployer operator viewer')) AS f(function, wanted);
SELECT is(string_agg(p.oid::regprocedure::text, ', '), NULL, 'inner functions that change something are nobody''s')
FROM pg_proc p
WHERE p.pronamespace = 'yesterday'::regnamespace AND p.provolatile = 'v' AND p.proname LIKE '\_%'
  AND callers(p.oid) <> 'nobody'
  AND p.proname NOT IN ('_capturing', '_finish', '_in_deployment', '_records', '_row_image');
SELECT is(string_agg(p.oid::regprocedure::text, ', '), NULL, 'what runs as the owner pins its search path')
FROM pg_proc p
WHERE p.pronamespace IN ('yesterday'::regnamespace, 'public'::regnamespace) AND p.prosecdef
  AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false);
SELECT is(string_agg(format('%s %s', c.oid::regclass, privilege), ', '), NULL, 'nobody but the owner touches tables and sequences')
FROM pg_class c CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
WHERE c.relnamespace IN ('yesterday'::regnamespace, 'yesterday_shadow'::regnamespace) AND c.relkind IN ('r', 'p')
  AND (has_table_privilege('esc_admin', c.oid, privilege) OR has_table_privilege('esc_tool', c.oid, privilege));
SELECT is(string_agg(c.oid::regclass::text, ', '), NULL, 'sequences are the owner''s')
FROM pg_class c
WHERE c.relnamespace = 'yesterday'::regnamespace AND c.relkind = 'S'
  AND (has_sequence_privilege('esc_admin', c.oid, 'USAGE') OR has_sequence_privilege('esc_tool', c.oid, 'USAGE'));
SELECT is(string_agg(c.oid::regclass::text, ', '), NULL, 'views are for viewers, and for reading')
FROM pg_class c
WHERE c.relnamespace = 'yesterday'::regnamespace AND c.relkind = 'v'
  AND (NOT has_table_privilege('esc_viewer', c.oid, 'SELECT') OR has_table_privilege('esc_tool', c.oid, 'SELECT')
       OR has_table_privilege('esc_admin', c.oid, 'INSERT') OR has_table_privilege('esc_admin', c.oid, 'UPDATE')
       OR has_table_privilege('esc_admin', c.oid, 'DELETE'));
SELECT ok(NOT has_schema_privilege('esc_admin', schema, 'CREATE'), format('nobody creates in %s', schema))
FROM unnest(ARRAY['yesterday', 'yesterday_shadow']) AS schema;
SELECT ok(NOT has_schema_privilege('esc_admin', 'yesterday_shadow', 'USAGE'), 'shadow tables are out of sight');

-- ---- what became of it ----
CREATE FUNCTION public.became(wanted text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN t.code = 'ok' THEN coalesce(t.message, 'ok') ELSE t.code END FROM public.told t WHERE t.what = wanted
$$;
SELECT is(became(what), wanted, what) FROM (VALUES
    ('business: writes', '10'), ('business: creates a tracked table', 'ok'), ('business: alters it', 'ok'),
    ('business: writes it', '1'), ('business: creates like it', 'ok'), ('business: truncates it', 'ok'),
    ('business: drops it', 'ok'), ('business: begins', '42501'), ('business: rolls back', '42501'),
    ('business: previews', '42501'), ('business: looks at status', '42501'), ('business: calls _capturing', '42501'),
    ('tool: writes', 'tool'), ('tool: creates a table', 'ok'), ('tool: writes it', '1'), ('tool: finishes', '42501'),
    ('business: writes beside', 'business'), ('business: DDL beside', 'ok'), ('business: joins', '42501'),
    ('tool: joins by name', 'tool again'), ('viewer: joins', '42501'), ('deployer: joins', 'deployed'),
    ('deployer: finishes unproven', '42501'), ('deployer: finishes unproven by the inner function', '42501'),
    ('deployer: finishes', 'finished, proven'), ('operator: rolls back', 'rolled back'),
    ('operator: clears the freeze', '42501'), ('deployer: rolls back', '42501'), ('deployer: clears the freeze', '42501'),
    ('admin: clears the freeze', ''),
    ('viewer: diff', 'app.screen'), ('viewer: prior of what it may read', '3'),
    ('viewer: prior of what it may not read', '42501'), ('viewer: prior under row security', '42501'),
    ('viewer: restores', '42501'),
    ('admin: diff', 'app.own_rows, app.screen, app.secret'), ('admin: prior', '2'),
    ('admin: reads the table itself', '42501'), ('viewer: attic', 'screen'), ('admin: attic', 'screen, secret'),
    ('impostor: attic', 'screen'), ('impostor: prior', '0'), ('impostor: diff', 'ok'),
    ('impostor: prior images of another''s table', '42501'), ('impostor: records of another''s table', '42501'),
    ('impostor: gets rows by a rollback', 'YD016')) AS w(what, wanted);
SELECT * FROM finish();
\ir include/leave.sql
