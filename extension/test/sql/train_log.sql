-- The log: append-only and a chain; what somebody changed behind its back is found.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT count(train.add_group('g' || n)) FROM generate_series(1, 5) n;
SELECT train.log_event('telephone', 'g1', reason => 'the partner called', detail => '{"ticket": 1.50, "ü": "ä"}') AS id;
SELECT oracle.refusal($$SELECT train.log_event(' ')$$);
SELECT id, kind, group_name, reason, detail FROM train.events;
SELECT * FROM train.verify_events();
SELECT event, length(hash) FROM train.last_event();
-- whatever the session's settings
SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Kolkata'; SET bytea_output = 'escape'; SET extra_float_digits = 0; SET IntervalStyle = 'iso_8601';
SELECT * FROM train.verify_events();
RESET DateStyle; RESET TimeZone; RESET bytea_output; RESET extra_float_digits; RESET IntervalStyle;
-- nobody writes it, not even its owner
INSERT INTO train.event SELECT * FROM train.event LIMIT 1;
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
\set VERBOSITY terse
UPDATE train.event SET reason = 'nothing happened';
DELETE FROM train.event WHERE id = 3;
TRUNCATE train.event;
SET session_replication_role = replica;
UPDATE train.event SET reason = 'nothing happened';
RESET session_replication_role;
\set VERBOSITY default
-- a superuser who goes further is found: changed, taken out, put in, exchanged
ALTER TABLE train.event DISABLE TRIGGER ALL;
BEGIN; UPDATE train.event SET reason = 'nothing happened' WHERE id = 3; SELECT * FROM train.verify_events(); ROLLBACK;
BEGIN; UPDATE train.event SET at = at + interval '1 microsecond' WHERE id = 2; SELECT * FROM train.verify_events(); ROLLBACK;
BEGIN; UPDATE train.event SET by = 'somebody' WHERE id = 6; SELECT * FROM train.verify_events(); ROLLBACK;
BEGIN; DELETE FROM train.event WHERE id = 3; SELECT * FROM train.verify_events(); ROLLBACK;
BEGIN; DELETE FROM train.event WHERE id = 1; SELECT * FROM train.verify_events(); ROLLBACK;
BEGIN; DELETE FROM train.event WHERE id = 3; UPDATE train.event SET id = id - 1 WHERE id > 3; SELECT * FROM train.verify_events(); ROLLBACK;
BEGIN; UPDATE train.event SET id = CASE id WHEN 3 THEN 4 ELSE 3 END + 100 WHERE id IN (3, 4); UPDATE train.event SET id = id - 100 WHERE id > 100; SELECT * FROM train.verify_events(); ROLLBACK;
-- all hashes anew from there on: only who noted the last one sees it
BEGIN;
SELECT hash AS noted FROM train.last_event() \gset
UPDATE train.event e SET reason = 'nothing happened', hash = train._event_hash(e.prior_hash, e.id, e.at, e.kind, e.group_name, e.target, e.by, e.role, e.client_addr, e.application_name, 'nothing happened', e.detail) WHERE id = 6;
SELECT * FROM train.verify_events();
SELECT hash = :'noted' AS as_noted FROM train.last_event();
ROLLBACK;
ALTER TABLE train.event ENABLE ALWAYS TRIGGER event_append_only;
ALTER TABLE train.event ENABLE ALWAYS TRIGGER event_no_truncate;
SELECT * FROM train.verify_events(4);
