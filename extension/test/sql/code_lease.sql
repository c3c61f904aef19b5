-- One switches at a time; who lost the lease may not confirm; a rollback meanwhile is noticed.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE FUNCTION art(api text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_array(jsonb_build_object('name', 'api', 'type', 'oci', 'reference', 'registry.test/shop/api:' || api || '@sha256:' || repeat(api, 64)))
$$;
CREATE TABLE m (id int PRIMARY KEY, v text);
SELECT yesterday.track('m');
SELECT yesterday.begin_deployment('A', artifacts => art('1'), scope => 'open') AS id \gset
SELECT outcome FROM yesterday.finish_deployment(:id);
SELECT oracle.refusal($$SELECT yesterday.take_lease(' ')$$);
SELECT oracle.refusal($$SELECT yesterday.take_lease('x', '0 s')$$);
SELECT oracle.refusal($$SELECT yesterday.begin_switch(1)$$);
-- a mark in brackets is for programs; people are not shown it
SELECT yesterday.take_lease('first, pid 7 [machine:pid:[12]:7:99]', '1 hour') AS first \gset
SELECT oracle.refusal($$SELECT yesterday.take_lease('second')$$);
SELECT oracle.refusal(format($$SELECT yesterday.confirm_artifacts(1, 'by hand')$$));
SELECT yesterday.renew_lease(:first);
SELECT attempt, generation FROM yesterday.begin_switch(:first) \gset
SELECT outcome FROM yesterday.switch_attempts;
-- somebody who knows that the first is dead takes over; what the first reports then does not count
SELECT oracle.refusal(format($$SELECT yesterday.take_lease('second', instead_of => %s)$$, :first + 100));
SELECT yesterday.take_lease('second', '1 s', instead_of => :first) AS second \gset
SELECT s FROM oracle.refusal(format($$SELECT yesterday.end_switch(%s, true, '[]')$$, :attempt)) s LIMIT 1;
SELECT s FROM oracle.refusal(format($$SELECT yesterday.renew_lease(%s)$$, :first)) s LIMIT 1;
SELECT yesterday.release_lease(:first) AS released;
SELECT code_state, oracle.stable(code_detail) AS code_detail FROM yesterday.status;
-- a lease that is not renewed ends by itself
SELECT pg_sleep(1.1);
SELECT s FROM oracle.refusal(format($$SELECT yesterday.begin_switch(%s)$$, :second)) s LIMIT 1;
SELECT yesterday.take_lease('third [machine:pid:[12]:9:99]') AS third \gset
-- it fails: code stays pending, and it is known why
SELECT attempt, generation, gone FROM yesterday.begin_switch(:third) \gset
SELECT yesterday.end_switch(:attempt, false, '[{"artifact": "api", "outcome": "failed", "detail": "not healthy after 30 s"}]');
SELECT oracle.refusal(format($$SELECT yesterday.end_switch(%s, true, '[]')$$, :attempt));
SELECT oracle.refusal($$SELECT yesterday.end_switch(NULL, true, '[]')$$);
SELECT code_state, oracle.stable(code_detail) AS code_detail, next_command FROM yesterday.status;
\set VERBOSITY terse
SELECT yesterday.begin_deployment('B', scope => 'open');
\echo :LAST_ERROR_SQLSTATE
-- a rollback from psql while the code is switched
SELECT attempt, generation FROM yesterday.begin_switch(:third) \gset
SELECT subject, outcome FROM rollback_last(reason => 'meanwhile');
SELECT yesterday.renew_lease(:third) > :generation AS moved_on;
SELECT yesterday.end_switch(:attempt, true, '[]');
SELECT attempt, generation, artifacts, gone FROM yesterday.begin_switch(:third) \gset
\echo :generation :artifacts :gone
SELECT yesterday.end_switch(:attempt, true, '[{"artifact": "api", "outcome": "stopped"}]');
SELECT yesterday.release_lease(:third);
SELECT generation, holder, outcome FROM yesterday.switch_attempts ORDER BY id;
SELECT generation, state, confirmed_how, attempts FROM yesterday.code ORDER BY generation;
SELECT code_state FROM yesterday.status;
