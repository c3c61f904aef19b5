-- Refusals that hardly anybody meets: what is true, and what to type instead.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
INSERT INTO m VALUES (1, 'one');
SELECT yesterday.track('m', layer => 'apps');
-- a target on no train, without code, without deployments
SELECT oracle.refusal($$SELECT yesterday.set_dedicated(NULL, 'why')$$);
SELECT oracle.refusal($$SELECT yesterday.confirm_aligned('why')$$);
SELECT oracle.refusal($$SELECT * FROM yesterday.displaced_digest()$$);
SELECT oracle.refusal($$SELECT * FROM yesterday.displaced_digest(17)$$);
SELECT oracle.refusal($$SELECT yesterday.confirm_artifacts(3, 'why')$$);
SELECT oracle.refusal($$SELECT yesterday.unset_runtime('erp')$$);
SELECT oracle.refusal($$SELECT yesterday.grant_permit('plan', yesterday.position(), 'why', '[1]')$$);
SELECT yesterday.freeze('audit');
SELECT regexp_replace(oracle.refusal($$SELECT yesterday.grant_permit('plan', yesterday.position(), 'why', '[1]')$$), 'since .*, by', 'since ..., by');
SELECT yesterday.clear_freeze('audited');
-- a runtime taken away is on record
SELECT yesterday.set_runtime('erp', 'command', '{"deploy": "true", "inspect": "true"}');
SELECT yesterday.unset_runtime('erp');
SELECT kind, detail FROM yesterday.events WHERE kind LIKE 'runtime%' ORDER BY id;
-- a deployment that is open cannot be drilled
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SELECT oracle.refusal($$SELECT * FROM yesterday.drill()$$);
SET yesterday.deployment = :id;
UPDATE m SET v = 'deployed';
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM yesterday.finish_deployment(:id);
-- images that are gone are nothing to trust
\c - postgres
SELECT format('DROP TABLE yesterday_shadow.%I', shadow_name) AS gone FROM yesterday.captured_table \gset
BEGIN;
:gone;
SELECT oracle.refusal($$SELECT yesterday.trust_images('open', 'why')$$);
ROLLBACK;
\c - regress_author
-- a table in the place of one under capture that cannot be captured: rows of that kind are not kept, and finish says so
BEGIN;
SELECT yesterday.begin_deployment('unlogged');
ALTER TABLE m RENAME TO m_old;
CREATE UNLOGGED TABLE m (id int PRIMARY KEY, v text);
SELECT subject, outcome, detail FROM yesterday.finish_deployment() WHERE subject NOT LIKE 'deployment%';
SELECT table_name, state FROM yesterday.tracked;
COMMIT;
SELECT subject, outcome FROM rollback_last('unlogged') WHERE subject NOT LIKE 'deployment%';
SELECT table_name, state FROM yesterday.tracked;
SELECT * FROM m;
