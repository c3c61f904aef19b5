-- The way back onto the train: planned, signed in order, rehearsed, applied once, cleared.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT FROM train.add_group('g');
SELECT count(train.add_target('p' || n, 'g', 'service=p' || n, 7000, (16000 + n)::oid, 'erp' || n)) FROM generate_series(1, 2) n;
SELECT count(train.release_patch('g', n, 'metadata', 'sha256:' || n)) FROM unnest('{a,b,c,d}'::text[]) n;
-- the peer has four; p1 rolled c back and missed d
SELECT FROM train.sync_target('p2', oracle.facts(2, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "finished"}, {"id": 4, "name": "d", "status": "finished"}]'));
SELECT FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "finished"}]'));
SELECT oracle.stable(r) FROM oracle.refusal($$SELECT train.create_realignment('p1', 'c was slow')$$) r;
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "rolled_back"}]', 'off_train', 'c was slow', 1, 'unaligned'));
SELECT train.lock_group('g');
SELECT train.record_application('p1', 4, 'missed', detail => 'off the train');
SELECT target, state, "position", applications FROM train.board('g');
SELECT ordinal, name, status, deployment FROM train.plan('p1');
SELECT oracle.refusal($$SELECT train.create_realignment('p1', '')$$) LIMIT 1;
-- what it would have, for who may only look
SELECT step, kind, ordinal, name FROM train.way_back('p1');
SELECT train.create_realignment('p1', 'c is repaired') AS r \gset
SELECT oracle.refusal($$SELECT train.create_realignment('p1', 'again')$$);
SELECT step, kind, ordinal, name, signed_by FROM train.realignment_steps;
-- the fix: a bundle of its own, replaced by a better one
SELECT oracle.refusal(format($$SELECT train.add_fix(%s, 'c', 'metadata', 'sha256:other')$$, :r));
SELECT train.add_fix(:r, 'c fixed', 'metadata', 'sha256:fix 1') AS step;
SELECT oracle.refusal(format($$SELECT train.sign_step(%s, 2, 'tried it')$$, :r));
SELECT train.sign_step(:r, 1, 'needed by d');
SELECT oracle.stable(x) FROM oracle.refusal(format($$SELECT train.sign_step(%s, 1, 'again')$$, :r)) x;
SELECT train.add_fix(:r, 'c repaired', 'metadata', 'sha256:fix 2', note => 'with an index') AS step;
SELECT step, kind, ordinal, name, digest, signed_by FROM train.realignment_steps;
SELECT oracle.refusal(format($$SELECT train.record_rehearsal(%s, 'x', 'd3.s1.r1', 'state', true)$$, :r));
SELECT train.sign_step(:r, 1, 'needed by d'), train.sign_step(:r, 2, 'as everywhere');
SELECT oracle.refusal(format($$SELECT train.sign_step(%s, 4, 'there is none')$$, :r));
SELECT oracle.refusal(format($$SELECT train.sign_step(%s, 3, ' ')$$, :r)) LIMIT 1;
SELECT train.sign_step(:r, 3, 'repairs it');
SELECT state, steps, signed FROM train.realignments;
-- not rehearsed; rehearsed on another plan, at another position, without success
SELECT oracle.refusal(format($$SELECT train.begin_apply(%s, 'd3.s1.r1')$$, :r));
SELECT train.plan_digest(:r) AS digest \gset
SELECT oracle.refusal(format($$SELECT train.record_rehearsal(%s, 'another', 'd3.s1.r1', 'state', true)$$, :r));
SELECT oracle.refusal(format($$SELECT train.record_rehearsal(%s, %L, 'd3.s1.r2', 'state', true)$$, :r, :'digest'));
SELECT train.record_rehearsal(:r, :'digest', 'd3.s1.r1', NULL, false, '{"error": "c repaired fails"}');
SELECT oracle.refusal(format($$SELECT train.begin_apply(%s, 'd3.s1.r1')$$, :r)) LIMIT 1;
SELECT train.record_rehearsal(:r, :'digest', 'd3.s1.r1', 'state', true, '{"rows": 7}');
-- the target has moved since
SELECT oracle.refusal(format($$SELECT train.begin_apply(%s, 'd4.s1.r1')$$, :r));
SELECT plan_digest = :'digest' AS same, covers, state_digest FROM train.begin_apply(:r, 'd3.s1.r1');
-- the fix will be patch 5, so nothing else becomes it meanwhile
SELECT oracle.refusal($$SELECT train.release_patch('g', 'e', 'metadata', 'sha256:e')$$);
SELECT oracle.refusal($$SELECT train.clear('p1', 'why')$$);
-- it failed: rehearsed anew before the next attempt
SELECT train.mark_failed(:r, 'lock wait');
SELECT oracle.refusal(format($$SELECT train.begin_apply(%s, 'd3.s1.r1')$$, :r)) LIMIT 1;
SELECT train.record_rehearsal(:r, :'digest', 'd3.s1.r1', 'state', true, '{"rows": 7}');
SELECT FROM train.begin_apply(:r, 'd3.s1.r1');
SELECT oracle.refusal(format($$SELECT train.mark_applied(%s, NULL)$$, :r)) LIMIT 1;
SELECT train.mark_applied(:r, 4, 'portable', 'p2', true);
SELECT train.mark_applied(:r, 4, 'portable', 'p2', true);
SELECT oracle.stable(x) FROM oracle.refusal(format($$SELECT train.mark_applied(%s, 5)$$, :r)) x;
SELECT oracle.refusal(format($$SELECT train.begin_apply(%s, 'd3.s1.r1')$$, :r)) LIMIT 1;
SELECT target, state, "position", realignment = :r AS realigning, applications FROM train.board('g');
SELECT ordinal, name, realignment = :r AS its_fix FROM train.patches WHERE ordinal > 3;
SELECT * FROM train.check_target('p2', 5);
SELECT train.clear('p1', 'all is well');
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "rolled_back"},
    {"id": 4, "name": "back", "kind": "realignment", "status": "finished", "covers": [{"digest": "sha256:c"}, {"digest": "sha256:d"}, {"digest": "sha256:fix 2"}]}]', 'on_train', 'all is well', 2));
SELECT state, aligned, deployment, end_reason FROM train.realignments;
SELECT target, state, "position", alignment, applications FROM train.board('g');
-- its rollback undoes everything that it covered
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "rolled_back"},
    {"id": 4, "name": "back", "kind": "realignment", "status": "rolled_back", "covers": [{"digest": "sha256:c"}, {"digest": "sha256:d"}, {"digest": "sha256:fix 2"}]}]', 'off_train', 'worse', 3, 'unaligned'));
SELECT target, state, "position", applications FROM train.board('g');
-- stale: the peers move on while the plan waits; it leads as far as the target has ever been
SELECT train.create_realignment('p1', 'again') AS r \gset
SELECT step, kind, ordinal, name FROM train.realignment_steps WHERE realignment = :r;
SELECT train.sign_step(:r, step, 'yes') FROM train.realignment_steps WHERE realignment = :r ORDER BY step;
SELECT train.plan_digest(:r) AS digest \gset
SELECT train.record_rehearsal(:r, :'digest', 'd4.s3.r3', 'state', true);
SELECT train.release_patch('g', 'e', 'metadata', 'sha256:e');
SELECT count(*) FROM train.begin_apply(:r, 'd4.s3.r3');
SELECT train.mark_failed(:r, 'the connection was lost');
SELECT train.record_rehearsal(:r, :'digest', 'd4.s3.r3', 'state', true);
SELECT FROM train.sync_target('p2', oracle.facts(2, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "finished"}, {"id": 4, "name": "d", "status": "finished"}, {"id": 5, "name": "fix 2", "status": "finished"}, {"id": 6, "name": "e", "status": "finished"}]'));
SELECT oracle.refusal(format($$SELECT train.begin_apply(%s, 'd4.s3.r3')$$, :r));
SELECT train.cancel_realignment(:r, 'the train moved on');
SELECT oracle.refusal(format($$SELECT train.sign_step(%s, 1, 'late')$$, :r));
-- cleared as it is: only by an acceptance, which stays
SELECT oracle.refusal($$SELECT train.clear('p1', 'we live with it')$$);
SELECT train.clear('p1', 'we live with it', accept_unaligned => true);
SELECT target, alignment FROM train.board('g');
SELECT kind, target, reason FROM train.events WHERE kind ~ 'realign|clear|fix|sign|rehearse|apply';
SELECT * FROM train.verify_events();
