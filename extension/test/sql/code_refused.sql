-- What is refused about code, and who may do what.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
SELECT yesterday.track('m');
-- an artifact that is not pinned, has no name, ...
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('[{"name": "api", "type": "oci", "reference": "registry.test/shop/api:2"}]')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('[{"type": "oci", "reference": "registry.test/api@sha256:aa"}]')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('[{"name": "api", "type": "oci", "reference": "registry.test/api@sha256:aa"}]')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('[{"name": "a b", "type": "oci", "reference": "registry.test/api@sha256:aa"}]')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('[{"name": "api", "type": "rpm", "reference": "x"}]')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('[{"name": "api", "type": "oci"}]')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => (format('[{"name": "api", "type": "oci", "reference": "r@sha256:%s", "digest": "sha256:%s"}]', repeat('a', 64), repeat('b', 64)))::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => (format('[{"name": "api", "type": "oci", "reference": "r@sha256:%s"}, {"name": "api", "type": "archive", "reference": "u", "sha256": "%s"}]', repeat('a', 64), repeat('b', 64)))::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('"api"')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('[1]')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('{"api": 1}')::jsonb);
SELECT yesterday.begin_deployment('x', scope => 'open', artifacts => ('{"api": {"type": "oci", "reference": "r"}}')::jsonb);
\set VERBOSITY terse
-- none of it is none
SELECT code_state FROM yesterday.status;
SELECT yesterday.begin_deployment('none', scope => 'open', artifacts => 'null') AS id \gset
SELECT outcome FROM yesterday.finish_deployment(:id);
SELECT yesterday.begin_deployment('empty', scope => 'open', artifacts => '[]') AS id \gset
SELECT outcome FROM yesterday.finish_deployment(:id);
SELECT code_state FROM yesterday.status;
-- confirmations
SELECT oracle.refusal($$SELECT yesterday.confirm_artifacts(1, 'x')$$);
SELECT oracle.refusal($$SELECT yesterday.confirm_artifacts(NULL, 'x')$$);
SELECT oracle.refusal($$SELECT yesterday.confirm_artifacts(1, ' ')$$);
SELECT oracle.refusal($$SELECT yesterday.adopt_artifacts('[]', '')$$);
-- runtimes
SELECT oracle.refusal($$SELECT yesterday.set_runtime('api', 'docker', '{}')$$);
SELECT oracle.refusal($$SELECT yesterday.set_runtime('a/b', 'podman', '{}')$$);
SELECT oracle.refusal($$SELECT yesterday.set_runtime('api', 'podman', '[]')$$);
SELECT oracle.refusal($$SELECT yesterday.unset_runtime('api')$$);
SELECT yesterday.set_runtime('api', 'podman', '{"container": "api", "flags": ["--env", "SECRET=1"]}');
SELECT oracle.refusal($$SELECT yesterday.unset_runtime('web')$$);
SELECT artifact, driver, settings FROM yesterday.runtimes;
SELECT yesterday.set_runtime('api', 'command', '{"program": "switch-api"}');
SELECT artifact, driver, settings, set_by FROM yesterday.runtimes;
-- settings are for who switches
RESET SESSION AUTHORIZATION;
GRANT yesterday_viewer TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT artifact, driver, settings FROM yesterday.runtimes;
SELECT yesterday.set_runtime('api', 'command');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.take_lease('stranger');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.confirm_artifacts(1, 'stranger');
\echo :LAST_ERROR_SQLSTATE
SELECT code_state FROM yesterday.status;
SELECT * FROM yesterday.pinned_artifacts;
RESET SESSION AUTHORIZATION;
REVOKE yesterday_viewer FROM regress_stranger;
-- an operator rolls back, so an operator switches and confirms; a runtime is set by an admin
REVOKE yesterday_admin, yesterday_deployer FROM regress_author;
SET SESSION AUTHORIZATION regress_author;
SELECT yesterday.take_lease('operator') > 0 AS taken;
SELECT yesterday.unset_runtime('api');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.adopt_artifacts('[]', 'operator');
\echo :LAST_ERROR_SQLSTATE
UPDATE yesterday.code_generation SET confirmed_at = now();
\echo :LAST_ERROR_SQLSTATE
DELETE FROM yesterday.switch_lease;
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
SELECT kind, detail FROM yesterday.events WHERE kind LIKE 'runtime%' ORDER BY id;
