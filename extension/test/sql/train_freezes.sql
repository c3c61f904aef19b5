-- Freezes of targets and groups, by hand and by the calendar, where the clocks change; overrides.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT FROM train.add_group('g');
SELECT FROM train.add_target('p1', 'g', 'service=p1', 7000, 16001, 'erp1', time_zone => 'Europe/Prague');
SELECT FROM train.add_target('p2', 'g', 'service=p2', 7000, 16002, 'erp2', time_zone => 'America/New_York');
SELECT FROM train.release_patch('g', 'a', 'metadata', 'sha256:a');
SELECT FROM train.sync_target('p1', oracle.facts(1));
SELECT FROM train.sync_target('p2', oracle.facts(2));
SELECT oracle.refusal($$SELECT train.freeze('why')$$);
SELECT oracle.refusal($$SELECT train.freeze('why', 'p1', 'g')$$);
SELECT oracle.refusal($$SELECT train.freeze(' ', 'p1')$$);
SELECT train.freeze('audit', 'p1') AS audit \gset
SELECT train.freeze('month end', group_name => 'g') AS month_end \gset
SELECT kind, scope, reason, until FROM train.blocking_freezes('p1');
SELECT kind, scope, reason, until FROM train.blocking_freezes('p2');
SELECT train.lock_group('g');
SELECT oracle.refusal($$SELECT train.record_application('p1', 1, 'applying')$$);
SELECT target, state, reason FROM train.board('g');
-- for a while it does not count: with a reason and an end
SELECT oracle.refusal(format($$SELECT train.override_freeze(%s, '', now() + '1 hour')$$, :month_end));
SELECT oracle.refusal(format($$SELECT train.override_freeze(%s, 'urgent', now() - interval '1 hour')$$, :month_end)) LIMIT 1;
SELECT oracle.refusal(format($$SELECT train.override_freeze(%s, 'urgent', now() + '1 hour', 'p2')$$, :audit)) LIMIT 1;
SELECT train.override_freeze(:month_end, 'urgent', now() + '1 hour', 'p2') > 0 AS overridden;
SELECT kind, scope, reason FROM train.blocking_freezes('p2');
SELECT kind, scope, reason FROM train.blocking_freezes('p2', now() + '2 hours');
SELECT kind, scope, reason FROM train.blocking_freezes('p1');
SELECT train.clear_freeze(:audit, 'audit is over');
SELECT oracle.refusal(format($$SELECT train.clear_freeze(%s, 'again')$$, :audit));
SELECT train.clear_freeze(:month_end, 'over');
SELECT count(*) FROM train.blocking_freezes('p1');
-- what a target has set itself is mirrored, and nothing here lifts it
SELECT * FROM train.sync_target('p1', oracle.facts(1, state => 'off_train', reason => 'deployment 1 was rolled back', changes => 1));
SELECT freeze_id, kind, scope, reason, since FROM train.blocking_freezes('p1');
SELECT oracle.refusal($$SELECT train.clear_freeze(NULL, 'go on')$$);
SELECT * FROM train.sync_target('p1', oracle.facts(1, reason => 'cleared', changes => 2));
-- by the calendar
SELECT oracle.refusal($$SELECT train.add_calendar('x', 'y', '2026-12-20', '2026-12-19', group_name => 'g')$$);
SELECT oracle.refusal($$SELECT train.add_calendar('x', 'y', '2026-12-20', '2027-01-06', '36 hours', group_name => 'g')$$);
SELECT oracle.refusal($$SELECT train.add_calendar('x', 'y', '2026-12-20', '2026-12-29', '7 days', group_name => 'g')$$);
SELECT oracle.refusal($$SELECT train.add_calendar('x', 'y', '2026-12-20', '2026-12-29', time_zone => 'CEST+99', group_name => 'g')$$);
SELECT train.add_calendar('year end', 'accounts close', '2025-12-20', '2026-01-07', '1 year', group_name => 'g') AS year_end \gset
-- each target by its own clock
SELECT at, (SELECT reason FROM train.blocking_freezes('p1', at)) AS prague, (SELECT reason FROM train.blocking_freezes('p2', at)) AS new_york
FROM unnest('{2026-12-19 22:59+00,2026-12-19 23:00+00,2026-12-20 04:59+00,2026-12-20 05:00+00,2027-01-06 22:59+00,2027-01-06 23:00+00,2027-01-07 05:00+00,2031-12-31 00:00+00}'::timestamptz[]) at;
SELECT since, until FROM train.blocking_freezes('p1', '2027-01-01 00:00+00');
SELECT train.clear_freeze(:year_end, 'test');
-- the last days of each month, also of short ones
SELECT train.add_calendar('month end', 'salaries', '2026-01-29', '2026-02-01', '1 month', 'UTC', group_name => 'g', until => '2026-12-31') AS m \gset
SELECT day::date, (SELECT reason FROM train.blocking_freezes('p1', day)) FROM unnest('{2026-02-27,2026-02-28,2026-03-01,2026-03-28,2026-03-29,2026-03-31,2026-04-01,2026-12-30,2027-01-30}'::timestamptz[]) day;
SELECT train.clear_freeze(:m, 'test');
-- every night from one to four, when the clocks change: 02:30 comes twice, or never
SELECT train.add_calendar('nights', 'batch runs', '2026-01-01 01:00', '2026-01-01 04:00', '1 day', 'Europe/Prague', 'p1') AS n \gset
SELECT day, since, until, until - since AS length
FROM unnest('{2026-03-28 02:30+01,2026-03-29 03:30+02,2026-10-25 02:30+02,2026-10-25 02:30+01}'::timestamptz[]) day, train.blocking_freezes('p1', day);
SELECT train.clear_freeze(:n, 'test');
SELECT train.add_calendar('short', 'within the hour that comes twice', '2026-01-01 02:15', '2026-01-01 02:45', '1 day', 'Europe/Prague', 'p1') AS n \gset
SELECT at, (SELECT reason IS NOT NULL FROM train.blocking_freezes('p1', at)) AS frozen
FROM unnest('{2026-10-25 02:14+02,2026-10-25 02:15+02,2026-10-25 02:50+02,2026-10-25 02:44+01,2026-10-25 02:45+01}'::timestamptz[]) at;
SELECT train.clear_freeze(:n, 'test');
-- it begins in the hour that never comes: from the moment at which the clock jumps
SELECT train.add_calendar('backup', 'backups run', '2026-01-01 02:30', '2026-01-01 03:30', '1 day', 'Europe/Prague', 'p1') AS n \gset
SELECT at, (SELECT reason IS NOT NULL FROM train.blocking_freezes('p1', at)) AS frozen
FROM unnest('{2026-03-29 01:59+01,2026-03-29 03:00+02,2026-03-29 03:29+02,2026-03-29 03:30+02}'::timestamptz[]) at;
SELECT train.clear_freeze(:n, 'test');
-- the last day of every month
SELECT train.add_calendar('books', 'books are closed', '2026-01-31 00:00', '2026-02-01 00:00', '1 month', 'Europe/Prague', 'p1') AS n \gset
SELECT day FROM generate_series('2026-02-20 12:00+01', '2026-05-02 12:00+02', interval '1 day') day
WHERE EXISTS (SELECT FROM train.blocking_freezes('p1', day));
SELECT train.clear_freeze(:n, 'test');
-- weekends
SELECT train.add_calendar('weekend', 'nobody is here', '2026-01-02 16:00', '2026-01-05 06:00', '7 days', 'Europe/Prague', 'p1') AS w \gset
SELECT at, (SELECT reason IS NOT NULL FROM train.blocking_freezes('p1', at)) AS frozen
FROM unnest('{2026-07-03 15:59+02,2026-07-03 16:00+02,2026-07-06 05:59+02,2026-07-06 06:00+02,2025-12-27 12:00+01}'::timestamptz[]) at;
SELECT id, kind, scope, group_name, target, name, reason, cleared_at IS NOT NULL AS cleared, clear_reason FROM train.freezes;
SELECT kind, target, reason FROM train.events WHERE kind ~ 'freeze|calendar|target_state';
SELECT freeze_id, target, reason, active FROM train.overrides ORDER BY id;
