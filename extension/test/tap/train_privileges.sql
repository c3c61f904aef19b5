-- What each role may call and see in the registry of the train; and that nobody gets at its tables.
\ir include/cast.sql
CREATE EXTENSION yesterday_train;
SELECT FROM train.add_group('g');
SELECT no_plan();

CREATE FUNCTION public.callers(function regprocedure) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(replace(r.rolname, 'yesterday_', ''), ' ' ORDER BY r.rolname), 'nobody')
    FROM pg_roles r
    WHERE r.rolname IN ('yesterday_viewer', 'yesterday_deployer', 'yesterday_operator', 'yesterday_admin', 'esc_tool')
      AND has_function_privilege(r.rolname, function, 'EXECUTE')
$$;
SELECT is(string_agg(p.oid::regprocedure::text, ', '), NULL, 'PUBLIC executes nothing')
FROM pg_proc p WHERE p.pronamespace = 'train'::regnamespace AND has_function_privilege('esc_tool', p.oid, 'EXECUTE');
-- every function that is not an inner one is in this list, by its callers
SELECT is(callers(p.oid), coalesce(w.callers, 'NOT LISTED'), p.oid::regprocedure::text)
FROM pg_proc p
LEFT JOIN (
    SELECT unnest(string_to_array(names, ' ')) AS name, callers
    FROM (VALUES
        ('registry_id group_lock_holder in_window next_window check_target reference_digest plan board blocking_freezes plan_digest verify_events last_event way_back',
         'admin deployer operator viewer'),
        ('lock_group unlock_group begin_run end_run decide recover_run record_outcome record_application sync_target store_inverse log_event withdraw_patch',
         'admin deployer operator'),
        ('release_patch', 'admin deployer'),
        ('freeze create_realignment add_fix sign_step record_rehearsal begin_apply mark_applied mark_failed cancel_realignment', 'admin operator'),
        ('add_group add_target change_target set_window identify_target remove_target add_calendar clear_freeze override_freeze clear', 'admin')
    ) AS v (names, callers)) w ON w.name = p.proname
WHERE p.pronamespace = 'train'::regnamespace AND p.proname NOT LIKE '\_%';
SELECT is(string_agg(p.oid::regprocedure::text, ', '), NULL, 'inner functions are nobody''s')
FROM pg_proc p WHERE p.pronamespace = 'train'::regnamespace AND p.proname LIKE '\_%' AND callers(p.oid) <> 'nobody';
SELECT is(string_agg(p.oid::regprocedure::text, ', '), NULL, 'what runs as the owner pins its search path')
FROM pg_proc p
WHERE p.pronamespace = 'train'::regnamespace AND p.prosecdef AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false);
SELECT is(string_agg(format('%s %s', c.oid::regclass, privilege), ', '), NULL, 'nobody but the owner touches tables')
FROM pg_class c CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
WHERE c.relnamespace = 'train'::regnamespace AND c.relkind = 'r'
  AND (has_table_privilege('esc_admin', c.oid, privilege) OR has_table_privilege('esc_tool', c.oid, privilege));
SELECT is(string_agg(c.oid::regclass::text, ', '), NULL, 'sequences are the owner''s')
FROM pg_class c
WHERE c.relnamespace = 'train'::regnamespace AND c.relkind = 'S'
  AND (has_sequence_privilege('esc_admin', c.oid, 'USAGE') OR has_sequence_privilege('esc_tool', c.oid, 'USAGE'));
SELECT is(string_agg(c.oid::regclass::text, ', '), NULL, 'views are for viewers, and for reading')
FROM pg_class c
WHERE c.relnamespace = 'train'::regnamespace AND c.relkind = 'v'
  AND (NOT has_table_privilege('esc_viewer', c.oid, 'SELECT') OR has_table_privilege('esc_tool', c.oid, 'SELECT')
       OR has_table_privilege('esc_admin', c.oid, 'INSERT') OR has_table_privilege('esc_admin', c.oid, 'UPDATE'));
SELECT is(string_agg(c.oid::regclass::text, ', '), 'train.group_lock', 'a dump holds every table but who held which lock')
FROM pg_class c
WHERE c.relnamespace = 'train'::regnamespace AND c.relkind IN ('r', 'S')
  AND c.oid <> ALL ((SELECT e.extconfig FROM pg_extension e WHERE e.extname = 'yesterday_train')::oid[]);
SELECT ok(NOT has_schema_privilege('esc_admin', 'train', 'CREATE'), 'nobody creates in train');

-- as they are: the roles of a registry
CREATE FUNCTION public.attempt(part name, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text := 'ok';
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', part);
    BEGIN
        EXECUTE command;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE;
    END;
    RESET ROLE;
    RETURN result;
END
$$;
SELECT is(attempt(part, command), wanted, format('%s: %s', part, command)) FROM (VALUES
    (1, 'esc_viewer'::name, $$SELECT * FROM train.board('g')$$, 'ok'),
    (2, 'esc_viewer', $$SELECT * FROM train.verify_events()$$, 'ok'),
    (3, 'esc_viewer', $$SELECT train.freeze('why', group_name => 'g')$$, '42501'),
    (4, 'esc_viewer', $$SELECT train._log('x', NULL, NULL, NULL, NULL)$$, '42501'),
    (5, 'esc_tool', $$SELECT * FROM train.board('g')$$, '42501'),
    (6, 'esc_deployer', $$SELECT train.release_patch('g', 'a', 'metadata', 'sha256:a')$$, 'ok'),
    (7, 'esc_deployer', $$SELECT train.add_group('h')$$, '42501'),
    (8, 'esc_deployer', $$SELECT train.freeze('why', group_name => 'g')$$, '42501'),
    (9, 'esc_operator', $$SELECT train.freeze('why', group_name => 'g')$$, 'ok'),
    (10, 'esc_operator', $$SELECT train.clear_freeze(1, 'why')$$, '42501'),
    (11, 'esc_operator', $$SELECT train.override_freeze(1, 'why', now() + interval '1 hour')$$, '42501'),
    (12, 'esc_admin', $$SELECT train.override_freeze(1, 'why', now() + interval '1 hour')$$, 'ok'),
    (13, 'esc_admin', $$SELECT train.clear_freeze(1, 'why')$$, 'ok'),
    (14, 'esc_admin', $$DELETE FROM train.event$$, '42501'),
    (15, 'esc_admin', $$SELECT setval('train.freeze_id_seq', 1)$$, '42501')) AS w (n, part, command, wanted) ORDER BY n;
SELECT is(string_agg(DISTINCT e.role, ' ' ORDER BY e.role), 'esc_admin esc_deployer esc_operator', 'the log names the role')
FROM train.events e WHERE e.kind <> 'add_group';
SELECT * FROM finish();
\ir include/leave.sql
