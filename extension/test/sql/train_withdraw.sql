-- A patch that landed nowhere is taken off the train again; one that a target had stays.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT FROM train.add_group('production');
SELECT FROM train.add_target('p1', 'production', 'service=p1', 7000, 16001, 'erp1');
SELECT * FROM train.sync_target('p1', oracle.facts(1));
SELECT train.release_patch('production', 'a', 'metadata', 'sha256:a') AS a, train.release_patch('production', 'b', 'metadata', 'sha256:b') AS b \gset
-- with the lock, the last one, for a reason
SELECT oracle.refusal($$SELECT train.withdraw_patch('production', 2, 'broken')$$);
SELECT train.lock_group('production');
SELECT oracle.refusal($$SELECT train.withdraw_patch('production', 2, '')$$);
SELECT oracle.refusal($$SELECT train.withdraw_patch('production', 1, 'broken')$$);
SELECT oracle.refusal($$SELECT train.withdraw_patch('production', 3, 'broken')$$);
SELECT train.withdraw_patch('production', 2, 'broken');
-- what was tried and failed goes with it
SELECT train.begin_run('production', 1) AS run \gset
SELECT train.record_application('p1', 1, 'applying', run => :run);
SELECT oracle.refusal($$SELECT train.withdraw_patch('production', 1, 'broken')$$);
SELECT train.record_application('p1', 1, 'failed', detail => 'syntax error', run => :run);
SELECT applications FROM train.board('production');
SELECT train.withdraw_patch('production', 1, 'broken');
SELECT applications FROM train.board('production');
SELECT count(*) AS patches FROM train.patches;
-- its place is free, and its name with another content
SELECT train.release_patch('production', 'a', 'metadata', 'sha256:corrected') AS ordinal;
SELECT patch, status, detail FROM train.runs ORDER BY id;
SELECT train.begin_run('production', 1, 'atomic', '[{"target": "p1", "gid": "g1"}]') AS run \gset
SELECT oracle.refusal($$SELECT train.withdraw_patch('production', 1, 'broken')$$);
SELECT train.decide(:run, 'rollback');
SELECT train.record_outcome(:run, 'p1', 'rolled_back');
SELECT train.end_run(:run, 'failed');
SELECT train.record_application('p1', 1, 'applying');
SELECT train.record_application('p1', 1, 'applied', 1, 'portable', 'exact');
SELECT oracle.refusal($$SELECT train.withdraw_patch('production', 1, 'broken')$$);
SELECT train.record_application('p1', 1, 'rolled_back');
SELECT oracle.refusal($$SELECT train.withdraw_patch('production', 1, 'broken')$$);
SELECT kind, reason, detail->>'name' AS name FROM train.events WHERE kind = 'withdraw_patch' ORDER BY id;
SELECT count(*) FROM train.verify_events();
