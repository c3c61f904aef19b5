-- The train: ordinals without gaps, bundles as they were released, applications in order.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT FROM train.add_group('production');
SELECT FROM train.add_target('p1', 'production', 'service=p1', 7000, 16001, 'erp1');
SELECT FROM train.add_target('p2', 'production', 'service=p2', 7000, 16002, 'erp2');
SELECT train.release_patch('production', 'a', 'metadata', 'sha256:a') AS ordinal;
SELECT train.release_patch('production', 'b', 'release', 'sha256:b', requires => 'a', artifacts => '[{"name": "shop"}]') AS ordinal;
-- the same again is the same; another content under its name is not
SELECT train.release_patch('production', 'a', 'metadata', 'sha256:a') AS ordinal;
SELECT oracle.refusal($$SELECT train.release_patch('production', 'a', 'metadata', 'sha256:other')$$);
SELECT oracle.refusal($$SELECT train.release_patch('production', 'd', 'metadata', 'sha256:d', ordinal => 4)$$);
SELECT oracle.refusal($$SELECT train.release_patch('production', 'a', 'metadata', 'sha256:a', ordinal => 2)$$);
SELECT oracle.refusal($$SELECT train.release_patch('production', 'c', 'metadata', 'sha256:c', requires => 'a')$$);
SELECT oracle.refusal($$SELECT train.release_patch('production', 'c', 'fix', 'sha256:c')$$);
SELECT train.release_patch('production', 'c', 'metadata', 'sha256:c', requires => 'b', ordinal => 3) AS ordinal;
SELECT ordinal, name, kind, digest, artifacts FROM train.patches;
-- whoever moves the train holds its lock
SELECT oracle.refusal($$SELECT train.record_application('p1', 1, 'applying')$$);
SELECT oracle.refusal($$SELECT train.begin_run('production', 1)$$);
SELECT train.lock_group('production');
-- a target that was never seen; then one that skips
SELECT * FROM train.check_target('p1', 1);
SELECT oracle.refusal($$SELECT train.record_application('p1', 1, 'applying')$$);
SELECT * FROM train.sync_target('p1', oracle.facts(1));
SELECT * FROM train.sync_target('p2', oracle.facts(2));
SELECT oracle.refusal($$SELECT train.record_application('p1', 2, 'applying')$$);
SELECT oracle.refusal($$SELECT train.record_application('p1', 9, 'applying')$$);
SELECT oracle.refusal($$SELECT train.record_application('p1', 1, 'applied')$$);
SELECT oracle.refusal($$SELECT train.record_application('p1', 1, 'realigned')$$);
SELECT train.begin_run('production', 1) AS run \gset
-- interrupted and begun again: the same run
SELECT train.begin_run('production', 1) = :run AS same;
SELECT train.record_application('p1', 1, 'applying', run => :run);
SELECT train.record_application('p1', 1, 'applied', 1, 'portable 1', 'exact 1', run => :run);
SELECT train.record_application('p1', 1, 'applied', 1, 'portable 1', 'exact 1', run => :run);
SELECT oracle.refusal($$SELECT train.record_application('p1', 1, 'applying')$$);
SELECT oracle.refusal($$SELECT train.record_application('p1', 1, 'missed')$$);
-- the first that applied it is the reference; another one has diverged
SELECT train.reference_digest('production', 1), train.reference_digest('production', 2);
SELECT train.record_application('p2', 1, 'applying', run => :run);
SELECT oracle.refusal($$SELECT train.record_application('p2', 1, 'applied', 1, 'portable 2', 'exact 2')$$);
SELECT train.record_application('p2', 1, 'diverged', detail => 'rows of ui.screen differ', run => :run);
SELECT train.end_run(:run, 'failed', 'p2 has diverged');
SELECT train.end_run(:run, 'failed');
SELECT oracle.refusal(format($$SELECT train.end_run(%s, 'done')$$, :run));
SELECT * FROM train.plan('p2');
SELECT * FROM train.check_target('p2', 2);
SELECT * FROM train.position;
SELECT target, state, "position", applications FROM train.board('production');
-- an inverse bundle is kept once, under its own digest
SELECT oracle.refusal($$SELECT train.store_inverse('00', 'document')$$);
SELECT train.store_inverse(encode(sha256('document'), 'hex'), 'document'), train.store_inverse(encode(sha256('document'), 'hex'), 'document');
-- not dedicated: nothing for the train
SELECT train.change_target('p2', dedicated => false);
SELECT code, problem FROM train.check_target('p2', 1);
-- in it before it came onto the train
SELECT train.add_target('p3', 'production', 'service=p3', 7000, 16003, 'erp3', baseline => 2) > 0 AS added;
SELECT target, state, "position", applications FROM train.board('production');
SELECT ordinal, patch, status, detail FROM train.applications WHERE target = 'p3';
SELECT id, kind, target, detail - 'run' AS detail FROM train.events WHERE id > 10;
SELECT * FROM train.verify_events();
