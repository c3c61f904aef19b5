-- All or none: the decision is on record before anything is committed, and says what an interruption leaves.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT FROM train.add_group('g');
SELECT count(train.add_target('p' || n, 'g', 'service=p' || n, 7000, (16000 + n)::oid, 'erp' || n)) FROM generate_series(1, 3) n;
SELECT count(*) FROM generate_series(1, 3) n, train.sync_target('p' || n, oracle.facts(n));
SELECT count(train.release_patch('g', n, 'metadata', 'sha256:' || n)) FROM unnest('{a,b}'::text[]) n;
SELECT train.lock_group('g');
SELECT oracle.refusal($$SELECT train.begin_run('g', 1, 'atomic')$$);
SELECT oracle.refusal($$SELECT train.begin_run('g', 1, 'each', '[{"target": "p1", "gid": "x"}]')$$) LIMIT 1;
SELECT oracle.refusal($$SELECT train.begin_run('g', 1, 'atomic', '[{"target": "p1"}]')$$);
SELECT oracle.refusal($$SELECT train.begin_run('g', 1, 'atomic', '[{"target": "p9", "gid": "x"}]')$$) LIMIT 1;
SELECT train.begin_run('g', 1, 'atomic', '[{"target": "p1", "gid": "y1"}, {"target": "p2", "gid": "y2"}]') AS run \gset
SELECT train.begin_run('g', 1, 'atomic', '[{"target": "p2", "gid": "y2"}, {"target": "p1", "gid": "y1"}]') = :run AS same;
-- not ended: nothing else begins, in whatever mode
SELECT oracle.refusal($$SELECT train.begin_run('g', 1, 'atomic', '[{"target": "p1", "gid": "z1"}]')$$);
SELECT oracle.refusal($$SELECT train.begin_run('g', 1)$$);
SELECT oracle.refusal(format($$SELECT train.end_run(%s)$$, :run));
SELECT oracle.refusal($$SELECT train.remove_target('p1', 'why')$$);
SELECT oracle.refusal(format($$SELECT train.record_outcome(%s, 'p1', 'committed')$$, :run));
SELECT * FROM train.in_doubt;
-- a crash before the decision: all is rolled back, and a late commit comes too late
SELECT train.recover_run(:run, any_committed => false);
SELECT train.decide(:run, 'commit');
SELECT oracle.refusal(format($$SELECT train.record_outcome(%s, 'p1', 'committed')$$, :run));
SELECT oracle.stable(r) FROM oracle.refusal(format($$SELECT train.recover_run(%s, any_committed => true)$$, :run)) r;
SELECT train.record_outcome(:run, 'p1', 'rolled_back'), train.record_outcome(:run, 'p2', 'rolled_back'), train.record_outcome(:run, 'p2', 'rolled_back');
SELECT train.end_run(:run, 'failed', 'the controller crashed');
SELECT * FROM train.in_doubt;
-- a crash after it
SELECT train.begin_run('g', 1, 'atomic', '[{"target": "p1", "gid": "w1"}, {"target": "p2", "gid": "w2"}]') AS run \gset
SELECT train.decide(:run, 'commit', 'all are prepared');
SELECT train.decide(:run, 'rollback');
SELECT train.record_outcome(:run, 'p1', 'committed');
SELECT target, gid, decision FROM train.in_doubt;
SELECT train.recover_run(:run, any_committed => true);
SELECT train.record_outcome(:run, 'p2', 'committed');
SELECT train.end_run(:run);
-- the registry was restored to a moment before the decision, and a target has committed: it had been decided
SELECT train.begin_run('g', 2, 'atomic', '[{"target": "p3", "gid": "v3"}]') AS run \gset
SELECT train.recover_run(:run, any_committed => true);
SELECT oracle.refusal(format($$SELECT train.recover_run(%s, NULL)$$, :run));
SELECT ordinal, mode, status, decision, detail FROM train.runs;
-- decided, and somebody has rolled back by hand what was prepared: told, and the run ends
SELECT oracle.refusal(format($$SELECT train.record_outcome(%s, 'p3', 'rolled_back')$$, :run));
SELECT train.record_outcome(:run, 'p3', 'lost');
SELECT train.end_run(:run, 'failed', 'lost on p3');
-- what was being applied is not any more when its run is settled
SELECT train.record_application('p2', 1, 'applying');
SELECT train.record_application('p2', 1, 'applied', 7);
SELECT train.begin_run('g', 2, 'atomic', '[{"target": "p2", "gid": "u2"}]') AS run \gset
SELECT train.record_application('p2', 2, 'applying', run => :run);
SELECT train.recover_run(:run, any_committed => false);
SELECT oracle.refusal(format($$SELECT train.record_outcome(%s, 'p2', 'lost')$$, :run)) LIMIT 1;
SELECT train.record_outcome(:run, 'p2', 'rolled_back');
SELECT target, applications FROM train.board('g');
SELECT train.end_run(:run, 'failed');
-- the lock is lost with the session, and with it the right to go on
SELECT train.unlock_group('g');
SELECT oracle.refusal(format($$SELECT train.decide(%s, 'commit')$$, :run));
SELECT kind, target, reason, detail - 'run' AS detail FROM train.events WHERE kind IN ('begin_run', 'resume_run', 'decide', 'outcome', 'end_run');
