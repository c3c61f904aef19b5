-- The target is the authority: rollbacks in psql, a registry or a target restored from an older backup.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT FROM train.add_group('g');
SELECT FROM train.add_target('p1', 'g', 'service=p1', 7000, 16001, 'erp1');
SELECT count(train.release_patch('g', n, 'metadata', 'sha256:' || n)) FROM unnest('{a,b,c}'::text[]) n;
SELECT oracle.refusal($$SELECT train.sync_target('p1', '{}')$$);
SELECT oracle.refusal($$SELECT train.sync_target('p1', oracle.facts(2))$$);
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished", "portable": "pa", "exact": "ea"}]'));
-- nothing new is no news
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished", "portable": "pa", "exact": "ea"}]'));
-- two more, one abandoned and done again, one of somebody's own; then a rollback in psql
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "abandoned"},
    {"id": 3, "name": "b", "status": "finished"}, {"id": 4, "name": "own", "status": "finished"}, {"id": 5, "name": "by hand", "status": "finished", "digest": null}]'));
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "abandoned"},
    {"id": 3, "name": "b", "status": "rolled_back"}, {"id": 4, "name": "own", "status": "finished"}, {"id": 5, "name": "by hand", "status": "finished"}]',
    'off_train', 'it was slow', 1, 'unaligned'));
SELECT target, state, reason, "position", alignment, applications FROM train.board('g');
-- a second controller with older facts changes nothing
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "abandoned"}, {"id": 3, "name": "b", "status": "finished"}]'));
SELECT target, state, applications FROM train.board('g');
-- a realignment covers several, and its rollback undoes all of them
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 3, "name": "b", "status": "rolled_back"},
    {"id": 6, "name": "realignment", "kind": "realignment", "status": "finished", "covers": [{"digest": "sha256:b"}, {"digest": "sha256:c"}]}]', 'off_train', 'it was slow', 1, 'aligned'));
SELECT applications FROM train.board('g');
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 3, "name": "b", "status": "rolled_back"},
    {"id": 6, "name": "realignment", "kind": "realignment", "status": "rolled_back", "covers": [{"digest": "sha256:b"}, {"digest": "sha256:c"}]}]', 'off_train', 'worse', 2, 'unaligned'));
SELECT target, "position", applications FROM train.board('g');
-- the target was restored from a backup: told at once, entered by who holds the lock
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}]'));
SELECT train.lock_group('g');
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}]'));
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}]'));
SELECT target, state, "position", applications FROM train.board('g');
SELECT * FROM train.plan('p1');
-- the registry was restored to a moment before patch d, which the target has: told once, and known again once it is released
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "finished"}, {"id": 4, "name": "d", "status": "finished"}]'));
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "finished"}, {"id": 4, "name": "d", "status": "finished"}]'));
SELECT train.release_patch('g', 'd', 'metadata', 'sha256:d');
SELECT * FROM train.sync_target('p1', oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "finished"}, {"id": 4, "name": "d", "status": "finished"}]'));
SELECT target, "position", applications FROM train.board('g');
-- deployments that say which patch they were: a registry that has forgotten them gives their places to nothing else
SELECT '{"registry": "' || train.registry_id() || '", "group": "g", "kind": "metadata"}' AS place \gset
SELECT oracle.facts(1, '[{"id": 1, "name": "a", "status": "finished"}, {"id": 2, "name": "b", "status": "finished"}, {"id": 3, "name": "c", "status": "finished"}, {"id": 4, "name": "d", "status": "finished"}]'::jsonb || jsonb_build_array(
    jsonb_build_object('id', 5, 'name', 'e', 'status', 'finished', 'patch', :'place'::jsonb || '{"ordinal": 5}'),
    jsonb_build_object('id', 6, 'name', 'f', 'status', 'rolled_back', 'patch', :'place'::jsonb || '{"ordinal": 6}'),
    jsonb_build_object('id', 7, 'name', 'realignment', 'kind', 'realignment', 'status', 'finished', 'patch', :'place'::jsonb,
        'covers', '[{"ordinal": 6, "name": "f", "digest": "sha256:f"}, {"ordinal": null, "name": "fix", "digest": "sha256:fix"}]'::jsonb)), 'off_train', 'slow', 3, 'unaligned') AS forgotten \gset
SELECT * FROM train.sync_target('p1', :'forgotten');
SELECT ordinal, name, kind, digest, target, deployment FROM train.forgotten;
SELECT oracle.refusal($$SELECT train.release_patch('g', 'new', 'metadata', 'sha256:new')$$);
SELECT oracle.refusal($$SELECT train.release_patch('g', 'fix', 'metadata', 'sha256:fix')$$);
SELECT oracle.refusal($$SELECT train.create_realignment('p1', 'without what is forgotten')$$) LIMIT 1;
SELECT train.release_patch('g', n, 'metadata', 'sha256:' || n) FROM unnest('{e,f}'::text[]) n;
SELECT oracle.refusal($$SELECT train.release_patch('g', 'new', 'metadata', 'sha256:new')$$) LIMIT 1;
SELECT train.release_patch('g', 'fix', 'metadata', 'sha256:fix');
SELECT subject, outcome FROM train.sync_target('p1', :'forgotten');
SELECT target, "position", applications FROM train.board('g');
SELECT train.release_patch('g', 'new', 'metadata', 'sha256:new');
SELECT id, kind, target, reason, detail FROM train.events WHERE id > 6;
SELECT * FROM train.verify_events();
