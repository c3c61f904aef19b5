-- Code belongs to a deployment: what should run, what was confirmed, what a rollback goes back to.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE FUNCTION art(api text, web text DEFAULT NULL) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_array(jsonb_build_object('name', 'api', 'type', 'oci', 'reference', 'registry.test/shop/api:' || api || '@sha256:' || repeat(api, 64)))
        || CASE WHEN web IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_object('name', 'web', 'type', 'archive', 'reference', 'https://files.test/web-' || web || '.zip', 'sha256', repeat(web, 64))) END
$$;
CREATE PROCEDURE deploy(name text, artifacts jsonb) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM yesterday.begin_deployment(name, artifacts => artifacts, scope => 'transaction');
    INSERT INTO m VALUES ((SELECT count(*) FROM m), name);
    PERFORM yesterday.finish_deployment();
END
$$;
\set desired 'SELECT artifact, left(digest, 9) AS digest, left(confirmed_digest, 9) AS confirmed, state FROM yesterday.artifacts;'
\set code 'SELECT generation, state, cause, deployment, rollback, confirmed_how FROM yesterday.code ORDER BY 1;'
\set ECHO all
CREATE TABLE m (id int PRIMARY KEY, v text);
SELECT yesterday.track('m');
SELECT code_state, code_generation FROM yesterday.status;
-- what runs already is taken over
SELECT yesterday.adopt_artifacts(art('1'), 'it runs since spring');
:desired
-- C, B, A: A brings code, B is metadata alone, C brings other code
CALL deploy('A', art('2', '7'));
SELECT code_state, code_generation, code_detail, next_command FROM yesterday.status;
:desired
-- no deployment of any kind while code is pending
\set VERBOSITY terse
SELECT yesterday.begin_deployment('B', scope => 'open');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT yesterday.confirm_artifacts(2, 'switched by hand');
SELECT code_state, code_detail, next_command FROM yesterday.status;
CALL deploy('B', NULL);
SELECT code_state, code_generation FROM yesterday.status;
CALL deploy('C', art('3'));
SELECT yesterday.confirm_artifacts(3, 'switched by hand');
:desired
SELECT artifact, left(digest, 9) AS digest, in_use, deployments FROM yesterday.pinned_artifacts;
-- the preview says which code comes back, and whether it is known to be there
SELECT yesterday.note_artifact_check('sha256:' || repeat('2', 64), 'registry.test/shop/api:2', 'host one', 1000);
SELECT yesterday.set_runtime('api', 'podman', '{"container": "api"}');
SELECT subject, outcome, oracle.stable(detail) AS detail FROM rollback_preview() WHERE subject LIKE 'artifact%' OR subject = 'code';
SELECT subject, outcome, oracle.stable(detail) AS detail FROM rollback_last(reason => 'C is broken');
SELECT state, code_state, code_generation, next_command FROM yesterday.status;
:desired
SELECT subject, outcome, oracle.stable(detail) AS detail FROM rollback_preview() WHERE subject LIKE 'artifact%' OR subject = 'code';
-- B has no code: its rollback leaves the code alone
SELECT subject, outcome FROM rollback_last('B');
SELECT code_generation FROM yesterday.status;
SELECT subject, outcome, oracle.stable(detail) AS detail FROM rollback_last('A');
:desired
:code
-- one switch: from the code of C, confirmed last, to that before A
SELECT yesterday.take_lease('a test') AS lease \gset
SELECT s.attempt, s.generation, s.confirmed, (SELECT jsonb_object_agg(e.key, left(e.value->>'digest', 9)) FROM jsonb_each(s.artifacts) e) AS artifacts,
       (SELECT jsonb_object_agg(e.key, left(e.value->>'digest', 9)) FROM jsonb_each(s.gone) e) AS gone
FROM yesterday.begin_switch(:lease) s \gset
\echo :generation :confirmed :artifacts :gone
SELECT code_state, oracle.stable(code_detail) AS code_detail FROM yesterday.status;
SELECT yesterday.end_switch(:attempt, true, '[]');
SELECT yesterday.release_lease(:lease);
:code
:desired
SELECT code_state, code_detail, next_command FROM yesterday.status;
CALL oracle.clear();
-- rollback_to goes back over several
CALL deploy('D', art('4'));
SELECT yesterday.confirm_artifacts(6, 'hand');
CALL deploy('E', art('5', '8'));
SELECT yesterday.confirm_artifacts(7, 'hand');
CALL deploy('F', art('6'));
SELECT yesterday.confirm_artifacts(8, 'hand');
SELECT subject, outcome FROM yesterday.rollback_to('D', 'E is broken');
:desired
SELECT oracle.refusal($$SELECT yesterday.confirm_artifacts(8, 'too late')$$);
SELECT yesterday.confirm_artifacts(10, 'hand');
CALL oracle.clear();
-- the same code again is no change
CALL deploy('D again', art('4'));
SELECT code_state, code_generation FROM yesterday.status;
SELECT subject, outcome FROM rollback_last();
SELECT code_state, code_generation FROM yesterday.status;
CALL oracle.clear();
-- what was taken over past Yesterday, and belongs to no deployment, stays
SELECT yesterday.adopt_artifacts(jsonb_build_object('cron', art('9')->0), 'it runs, too');
SELECT subject, outcome FROM rollback_last('D');
:desired
SELECT yesterday.confirm_artifacts(12, 'hand');
CALL oracle.clear();
-- a deployment in open scope: nothing should run before it is finished; abandoned, nothing changes
SELECT yesterday.begin_deployment('open', artifacts => art('a'), scope => 'open') AS id \gset
SELECT code_state, code_generation FROM yesterday.status;
SELECT outcome FROM yesterday.abandon_deployment(:id);
SELECT code_state, code_generation FROM yesterday.status;
SELECT yesterday.begin_deployment('open', artifacts => art('a'), scope => 'open') AS id \gset
SELECT outcome FROM yesterday.finish_deployment(:id);
SELECT code_state, code_generation FROM yesterday.status;
-- rolled back between commit and switch: it ends on the code of before
SELECT subject, outcome FROM rollback_last(reason => 'at once');
SELECT code_state, code_generation, code_detail FROM yesterday.status;
SELECT yesterday.confirm_artifacts(14, 'hand');
CALL oracle.clear();
-- rehearsals do not touch it
CALL deploy('G', art('b'));
SELECT yesterday.confirm_artifacts(15, 'hand');
SELECT count(*) > 0 AS drilled FROM yesterday.drill();
SELECT code_state, code_generation FROM yesterday.status;
-- what is prepared to commit has its generation, too
BEGIN;
SELECT yesterday.begin_deployment('prepared', artifacts => art('c'));
INSERT INTO m VALUES (100, 'prepared');
SELECT outcome FROM yesterday.finish_deployment();
PREPARE TRANSACTION 'release';
SELECT code_state, code_generation FROM yesterday.status;
COMMIT PREPARED 'release';
SELECT code_state, code_generation FROM yesterday.status;
SELECT kind, deployment, reason, detail FROM yesterday.events WHERE kind LIKE 'code%' ORDER BY id DESC LIMIT 3;
