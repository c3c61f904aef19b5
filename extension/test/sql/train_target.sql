-- A target of a train: enrolled once, dedicated or not, what its deployments displaced, permits and the way back.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\set make 'CREATE SCHEMA ui; CREATE TYPE ui.colour AS ENUM (''red'', ''blue''); CREATE TABLE ui.category (id serial PRIMARY KEY, code text NOT NULL UNIQUE); CREATE TABLE ui.screen (id serial PRIMARY KEY, code text NOT NULL UNIQUE, category_id int NOT NULL REFERENCES ui.category, colour ui.colour, title text, changed_at timestamptz DEFAULT clock_timestamp()); CREATE TABLE ui.bag (v text); CREATE TABLE ui.own (id int PRIMARY KEY, v text); INSERT INTO ui.category (code) VALUES (''stock''), (''finance''); INSERT INTO ui.screen (code, category_id, colour, title) VALUES (''orders'', 1, ''red'', ''Orders''), (''items'', 1, ''blue'', ''Items''), (''totals'', 2, NULL, ''Totals''); INSERT INTO ui.bag VALUES (''x''), (''x''), (''y''); INSERT INTO ui.own VALUES (1, ''ours'')'
\set track 'SELECT count(yesterday.track(t, layer => l, local_columns => c)) FROM (VALUES (''ui.category''::regclass, ''platform'', NULL::name[]), (''ui.screen'', ''platform'', ''{changed_at}''), (''ui.bag'', ''apps'', NULL), (''ui.own'', ''partner'', NULL)) v (t, l, c)'
\set deploy 'UPDATE ui.screen SET title = title || '' 2'', category_id = (SELECT id FROM ui.category WHERE code = ''finance'') WHERE code <> ''totals''; UPDATE ui.category SET code = ''money'' WHERE code = ''finance''; DELETE FROM ui.bag WHERE v = ''x''; UPDATE ui.own SET v = ''changed''; INSERT INTO ui.screen (code, category_id) VALUES (''new'', (SELECT id FROM ui.category WHERE code = ''stock'')); ALTER TABLE ui.screen ADD COLUMN help text; CREATE INDEX screen_title ON ui.screen (title)'
\set manifest '{"bundle": {"digest": "sha256:1"}, "objects": "any", "tables": {"ui.screen": {"keys": null, "operations": ["insert", "update", "delete"]}, "ui.category": {"keys": null, "operations": ["insert", "update", "delete"]}, "ui.bag": {"keys": null, "operations": ["insert", "update", "delete"]}, "ui.own": {"keys": null, "operations": ["insert", "update", "delete"]}}}'
:make;
:track;
-- on no train: nothing is taken, and who asks is told
BEGIN; SELECT yesterday.begin_deployment('plain'); UPDATE ui.bag SET v = 'z' WHERE v = 'y'; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
SELECT oracle.refusal($$SELECT * FROM yesterday.displaced_digest()$$);
SELECT count(*) FROM yesterday.displaced_tables(1);
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT yesterday.clear_freeze('as before'), alignment, train_group, dedicated FROM yesterday.status;
-- enrolled, once
SELECT oracle.refusal($$SELECT yesterday.enroll(NULL, 'g', 'p1')$$);
SELECT yesterday.enroll('11111111-1111-1111-1111-111111111111', 'g', 'p1');
SELECT yesterday.enroll('11111111-1111-1111-1111-111111111111', 'g', 'partner 1');
SELECT oracle.refusal($$SELECT yesterday.enroll('11111111-1111-1111-1111-111111111111', 'h', 'p1')$$);
SELECT oracle.refusal($$SELECT yesterday.enroll('22222222-2222-2222-2222-222222222222', 'g', 'p1')$$) LIMIT 1;
SELECT alignment, train_group, dedicated FROM yesterday.status;
-- what it displaces is told in its transaction, between finish and COMMIT
BEGIN;
SELECT yesterday.begin_deployment('release 1', manifest => :'manifest');
:deploy;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
SELECT portable AS mine, exact AS my_exact FROM yesterday.displaced_digest() \gset
SELECT layer, table_name, kind, subject, rows, digest IS NOT NULL AS told FROM yesterday.displaced_tables((SELECT max(id) FROM yesterday.history));
COMMIT;
SELECT jsonb_object_agg(subject, digest) AS my_tables FROM yesterday.displaced_tables((SELECT max(id) FROM yesterday.history)) \gset
SELECT encode(sha256(convert_to(yesterday.inverse_document(max(id)), 'UTF8')), 'hex') = :'my_exact' AS exact FROM yesterday.history;
SELECT regexp_replace(line, '20\d\d-[^"]*', '<time>', 'g') FROM regexp_split_to_table(yesterday.inverse_document((SELECT max(id) FROM yesterday.history)), '\n') line;
SELECT jsonb_pretty(yesterday.train_facts() - '{system_identifier,database_oid,since}'::text[] #- '{history,0}' #- '{history,0,finished_at}' #- '{history,0,portable}' #- '{history,0,exact}') AS facts;
SELECT h->>'portable' = :'mine' AS portable, h->>'exact' = :'my_exact' AS exact FROM jsonb_array_elements(yesterday.train_facts()->'history') h WHERE h->>'name' = 'release 1';
SELECT portable = :'mine' AS same FROM yesterday.displaced_digest(layers => '{platform,apps}');
SELECT portable = :'mine' AS same FROM yesterday.displaced_digest(layers => '{platform,apps,partner}');
-- a peer with other ids, and another value in the partner's own table: aligned; the exact digest is another one
RESET SESSION AUTHORIZATION;
\set ECHO none
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regress_peer WITH (FORCE);
CREATE DATABASE regress_peer TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
GRANT CREATE ON DATABASE regress_peer TO regress_author;
\c regress_peer
SET client_min_messages = warning;
CREATE EXTENSION yesterday;
GRANT ALL ON SCHEMA public TO regress_author;
SET SESSION AUTHORIZATION regress_author;
SET client_min_messages = notice;
\set ECHO all
:make;
UPDATE ui.screen SET category_id = 2; UPDATE ui.category SET id = id + 70 WHERE id = 1; UPDATE ui.screen SET category_id = 71, id = id + 500 WHERE code <> 'totals';
UPDATE ui.own SET v = 'theirs';
:track;
SELECT yesterday.enroll('11111111-1111-1111-1111-111111111111', 'g', 'p2');
BEGIN; SELECT yesterday.begin_deployment('release 1'); :deploy; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
SELECT portable = :'mine' AS aligned, exact = :'my_exact' AS exact FROM yesterday.displaced_digest();
ROLLBACK;
-- a peer that has diverged: one value, one reference, one row more, one definition
\set differs 'BEGIN; SELECT yesterday.begin_deployment(''release 1''); :deploy; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; SELECT portable = :''mine'' AS aligned FROM yesterday.displaced_digest(); SELECT subject FROM yesterday.displaced_tables((SELECT max(id) FROM yesterday.history)) WHERE digest IS DISTINCT FROM :''my_tables''::jsonb->>subject; ROLLBACK'
UPDATE ui.screen SET title = 'Order' WHERE code = 'orders'; :differs; UPDATE ui.screen SET title = 'Orders' WHERE code = 'orders';
UPDATE ui.screen SET category_id = 2 WHERE code = 'items'; :differs; UPDATE ui.screen SET category_id = 71 WHERE code = 'items';
INSERT INTO ui.bag VALUES ('x'); :differs; DELETE FROM ui.bag WHERE ctid = (SELECT max(ctid) FROM ui.bag);
ALTER TABLE ui.screen ADD CHECK (title <> ''); :differs; ALTER TABLE ui.screen DROP CONSTRAINT screen_title_check;
ALTER TABLE ui.screen ALTER title SET DEFAULT 'none'; :differs; ALTER TABLE ui.screen ALTER title DROP DEFAULT;
:differs;
-- an inverse without local values is equal to the byte
BEGIN; SELECT yesterday.begin_deployment('equal'); UPDATE ui.bag SET v = 'z' WHERE v = 'y'; CREATE VIEW ui.all_bags AS SELECT * FROM ui.bag; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; SELECT exact AS equal FROM yesterday.displaced_digest() \gset
ROLLBACK;
\c regress_target
DROP DATABASE regress_peer WITH (FORCE);
SET client_min_messages = warning;
SET SESSION AUTHORIZATION regress_author;
SET client_min_messages = notice;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
BEGIN; SELECT yesterday.begin_deployment('equal'); UPDATE ui.bag SET v = 'z' WHERE v = 'y'; CREATE VIEW ui.all_bags AS SELECT * FROM ui.bag; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; SELECT exact = :'equal' AS equal FROM yesterday.displaced_digest(); ROLLBACK;
-- off the train by a rollback: cleared by a realignment, or by an acceptance that stays
SELECT outcome, detail FROM rollback_last(reason => 'it was slow') LIMIT 1;
SELECT state, alignment, next_command FROM yesterday.status;
SELECT oracle.refusal($$DO 'BEGIN PERFORM yesterday.clear_freeze(''go on''); END'$$);
-- no deployment but with a permit
\set VERBOSITY terse
SELECT yesterday.begin_realignment(NULL, 'plan', 'back');
SELECT yesterday.begin_realignment(99, 'plan', 'back');
SELECT oracle.refusal($$SELECT yesterday.grant_permit('plan', 'd1.s1.r1', 'back', '[{"digest": "sha256:1"}]')$$);
SELECT yesterday.position() AS here \gset
SELECT oracle.refusal(format($$SELECT yesterday.grant_permit('plan', %L, '', '[{"digest": "sha256:1"}]')$$, :'here')) LIMIT 1;
SELECT oracle.refusal(format($$SELECT yesterday.grant_permit('plan', %L, 'back', '[]')$$, :'here'));
SELECT oracle.refusal(format($$SELECT yesterday.grant_permit('plan', %L, 'back', '[{"digest": "sha256:1"}]', now() - interval '1 minute')$$, :'here')) LIMIT 1;
SELECT yesterday.grant_permit('plan', :'here', 'back', '[{"digest": "sha256:1"}]') AS void \gset
SELECT yesterday.grant_permit('plan', :'here', 'back', '[{"digest": "sha256:1"}]', clock_timestamp() + interval '300 milliseconds') AS expired \gset
SELECT pg_sleep(0.4);
\set VERBOSITY sqlstate
SELECT yesterday.begin_realignment(:void, 'plan', 'back');
SELECT yesterday.begin_realignment(:expired, 'plan', 'back');
\set VERBOSITY terse
SELECT yesterday.state_digest() AS state \gset
SELECT yesterday.grant_permit('plan', :'here', 'back', '[{"ordinal": 1, "name": "release 1", "digest": "sha256:1"}]', state_digest => :'state') AS permit \gset
SELECT yesterday.begin_realignment(:permit, 'another plan', 'back');
-- somebody has written a tracked table since the rehearsal
BEGIN; UPDATE ui.screen SET title = 'by hand' WHERE code = 'totals'; COMMIT;
SELECT yesterday.begin_realignment(:permit, 'plan', 'back');
UPDATE ui.screen SET title = 'Totals' WHERE code = 'totals';
-- begun and given up: the permit is not used up
BEGIN; SELECT yesterday.begin_realignment(:permit, 'plan', 'back') > 0 AS begun; ROLLBACK;
SELECT id = :permit AS this, state, deployment FROM yesterday.permits WHERE state <> 'void';
CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_realignment(:permit, 'plan', 'back on the train', note => 'all of it') > 0 AS begun;
-- compared with a peer between two of its steps, and before COMMIT
SELECT string_agg(digest, ' ' ORDER BY table_name, kind) AS before FROM yesterday.portable_digest() \gset
:deploy;
SELECT string_agg(digest, ' ' ORDER BY table_name, kind) AS between FROM yesterday.portable_digest() \gset
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
SELECT string_agg(digest, ' ' ORDER BY table_name, kind) = :'between' AS same, :'between' <> :'before' AS changed FROM yesterday.portable_digest();
COMMIT;
SELECT oracle.changes() > 0 AS changed;
SELECT kind, status, name FROM yesterday.history WHERE kind = 'realignment';
SELECT covers FROM yesterday.deployment_record ORDER BY deployment DESC LIMIT 1;
SELECT state, alignment, next_command FROM yesterday.status;
-- once, and nothing else lands before it is cleared
\set VERBOSITY sqlstate
SELECT yesterday.begin_realignment(:permit, 'plan', 'back');
SELECT yesterday.begin_deployment('early');
\set VERBOSITY terse
SELECT yesterday.clear_freeze('aligned again');
SELECT state, alignment FROM yesterday.status;
-- its rollback undoes all that it covers, and the target is off the train again
SELECT outcome FROM rollback_last(reason => 'worse') LIMIT 1;
SELECT * FROM oracle.difference();
SELECT state, alignment FROM yesterday.status;
SELECT h->>'status' AS status, h->'covers' AS covers FROM jsonb_array_elements(yesterday.train_facts()->'history') h WHERE h->>'kind' = 'realignment';
-- frozen by hand after it began: not finished
SELECT yesterday.position() AS here \gset
SELECT yesterday.grant_permit('plan', :'here', 'back', '[{"digest": "sha256:1"}]') AS permit \gset
BEGIN; SELECT yesterday.begin_realignment(:permit, 'plan', 'back') > 0 AS begun; UPDATE ui.bag SET v = 'q'; SELECT yesterday.clear_freeze('x', true); SELECT yesterday.freeze('stop');
SELECT * FROM yesterday.finish_deployment(); ROLLBACK;
SELECT yesterday.revoke_permit(:permit, 'not now');
\set VERBOSITY sqlstate
SELECT yesterday.begin_realignment(:permit, 'plan', 'back');
\set VERBOSITY default
SELECT oracle.refusal(format($$SELECT yesterday.revoke_permit(%s, 'again')$$, :permit));
-- accepted as it is: told ever after, until somebody has compared it
SELECT yesterday.clear_freeze('we live with it', accept_unaligned => true);
SELECT state, alignment FROM yesterday.status;
BEGIN; SELECT yesterday.begin_deployment('next'); UPDATE ui.bag SET v = 'w'; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
SELECT state, alignment FROM yesterday.status;
SELECT oracle.refusal($$SELECT yesterday.confirm_aligned('')$$) LIMIT 1;
SELECT yesterday.confirm_aligned('compared with p2');
SELECT state, alignment FROM yesterday.status;
-- an acceptance counts also where a realignment has led back what did not become like its peers
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT yesterday.position() AS here \gset
SELECT yesterday.grant_permit('plan', :'here', 'back', '[{"digest": "sha256:1"}]') AS permit \gset
BEGIN; SELECT yesterday.begin_realignment(:permit, 'plan', 'back') > 0 AS begun; UPDATE ui.bag SET v = 'w'; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
SELECT state, alignment FROM yesterday.status;
SELECT yesterday.clear_freeze('the bag is theirs', accept_unaligned => true);
SELECT state, alignment FROM yesterday.status;
-- shared infrastructure
SELECT yesterday.set_dedicated(false, 'three partners in one database');
SELECT oracle.refusal('SELECT * FROM rollback_last()');
SELECT oracle.refusal($$SELECT * FROM yesterday.rollback_to('next', 'why')$$) LIMIT 1;
SELECT oracle.refusal($$SELECT yesterday.freeze('why')$$) LIMIT 1;
SELECT count(*) > 0 AS previews FROM rollback_preview();
SELECT count(*) > 0 AS drills FROM yesterday.drill();
SELECT dedicated FROM yesterday.status;
SELECT yesterday.set_dedicated(true, 'moved out');
SELECT yesterday.leave_train('to another one');
SELECT oracle.refusal($$SELECT yesterday.leave_train('again')$$);
SELECT alignment, train_group FROM yesterday.status;
SELECT kind, reason FROM yesterday.events WHERE kind ~ 'enroll|leave|dedicated|permit|aligned|clear';
