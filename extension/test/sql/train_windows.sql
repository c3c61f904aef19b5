-- Maintenance windows in the time zone of the target, over midnight, over the days when the clocks change.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT FROM train.add_group('g');
SELECT FROM train.add_target('prague', 'g', 'service=p', 1, 1, 'p', time_zone => 'Europe/Prague', window_start => '01:00', window_end => '06:00');
SELECT FROM train.add_target('night', 'g', 'service=n', 1, 2, 'n', time_zone => 'America/New_York', window_start => '22:00', window_end => '04:00', window_days => '{6}');
SELECT FROM train.add_target('always', 'g', 'service=a', 1, 3, 'a');
SELECT FROM train.add_target('early', 'g', 'service=e', 1, 4, 'e', time_zone => 'Europe/Prague', window_start => '02:15', window_end => '02:45');
SELECT FROM train.add_target('island', 'g', 'service=i', 1, 5, 'i', time_zone => 'Australia/Lord_Howe', window_start => '01:30', window_end => '03:00');
SELECT train.in_window('prague', '2026-07-01 00:30+02'), train.in_window('prague', '2026-07-01 01:00+02'),
       train.in_window('prague', '2026-07-01 05:59:59+02'), train.in_window('prague', '2026-07-01 06:00+02');
SELECT * FROM train.next_window('prague', '2026-07-01 07:00+02');
-- winter: the same hours by another offset
SELECT * FROM train.next_window('prague', '2026-01-15 07:00+01');
-- Prague, 29 March 2026: 02:00 becomes 03:00, the window is an hour shorter; 25 October: 03:00 becomes 02:00, an hour longer
SELECT opens, closes, closes - opens AS length FROM train.next_window('prague', '2026-03-28 12:00+01');
SELECT opens, closes, closes - opens AS length FROM train.next_window('prague', '2026-10-24 12:00+02');
-- a window in the hour that never comes, or in the one that comes twice, stays closed that night
SELECT opens, closes, closes - opens AS length FROM train.next_window('early', '2026-03-29 00:00+01');
SELECT opens, closes, closes - opens AS length FROM train.next_window('early', '2026-10-25 00:00+02');
SELECT moment, train.in_window('early', moment) FROM unnest('{2026-10-25 02:20+02,2026-10-25 02:20+01}'::timestamptz[]) moment;
-- half an hour of daylight saving
SELECT opens, closes, closes - opens AS length FROM train.next_window('island', '2026-04-04 12:00+11');
SELECT opens, closes, closes - opens AS length FROM train.next_window('island', '2026-10-03 12:00+10:30');
-- clocks that change at midnight, in a window over it: Cairo, 24 April 2026: 00:00 becomes 01:00; 29 October: 24:00 becomes 23:00
SELECT FROM train.add_target('cairo', 'g', 'service=c', 1, 6, 'c', time_zone => 'Africa/Cairo', window_start => '22:00', window_end => '00:30');
SELECT opens, closes, closes - opens AS length FROM train.next_window('cairo', '2026-04-23 12:00+02');
SELECT opens, closes, closes - opens AS length FROM train.next_window('cairo', '2026-10-29 12:00+03');
-- Havana, 8 March 2026: 00:00 becomes 01:00; 1 November: 01:00 becomes 00:00
SELECT FROM train.add_target('havana', 'g', 'service=h', 1, 7, 'h', time_zone => 'America/Havana', window_start => '23:00', window_end => '00:30');
SELECT opens, closes, closes - opens AS length FROM train.next_window('havana', '2026-03-07 12:00-05');
SELECT opens, closes, closes - opens AS length FROM train.next_window('havana', '2026-10-31 12:00-04');
-- it opens in the hour that never comes: when the clock has jumped
SELECT FROM train.add_target('late', 'g', 'service=l', 1, 8, 'l', time_zone => 'Europe/Prague', window_start => '02:30', window_end => '04:00');
SELECT opens, closes, closes - opens AS length FROM train.next_window('late', '2026-03-28 12:00+01');
-- half hours and quarters
SELECT FROM train.add_target('kolkata', 'g', 'service=k', 1, 9, 'k', time_zone => 'Asia/Kolkata', window_start => '23:30', window_end => '04:15');
SELECT train.in_window('kolkata', '2026-07-02 04:14:59+05:30') AS last, train.in_window('kolkata', '2026-07-02 04:15+05:30') AS over;
SELECT FROM train.add_target('chatham', 'g', 'service=ch', 1, 10, 'ch', time_zone => 'Pacific/Chatham', window_start => '02:45', window_end => '03:45');
SELECT opens, closes FROM train.next_window('chatham', '2026-09-26 12:00+12:45');
-- no zone, or one without rules
SELECT oracle.refusal($$SELECT train.add_target('x', 'g', 'service=x', 1, 99, 'x', time_zone => 'Europe/Prag')$$);
SELECT oracle.refusal($$SELECT train.change_target('late', time_zone => 'CEST')$$);
SELECT oracle.refusal($$SELECT train.change_target('late', time_zone => '+05:30')$$);
-- over midnight: it belongs to the Saturday on which it starts
SELECT * FROM train.next_window('night', '2026-07-01 12:00-04');
SELECT train.in_window('night', '2026-07-05 03:59-04') AS sunday_morning, train.in_window('night', '2026-07-05 23:00-04') AS sunday_night;
SELECT * FROM train.next_window('always'), train.in_window('always') AS now;
-- the session's own time zone makes no difference
SET TimeZone = 'Asia/Tokyo';
SELECT train.in_window('prague', '2026-07-01 01:00+02') AS opens, train.in_window('prague', '2026-07-01 06:00+02') AS closes;
SET TimeZone = 'UTC';
-- outside it nothing is applied, but by an operator with a reason
SELECT FROM train.release_patch('g', 'a', 'metadata', 'sha256:a');
SELECT FROM train.sync_target('prague', oracle.facts(0) || '{"system_identifier": 1, "database_oid": 1}');
SELECT oracle.stable(problem), code, hint FROM train.check_target('prague', 1, at => '2026-07-01 12:00+02');
SELECT * FROM train.check_target('prague', 1, at => '2026-07-01 02:00+02');
SELECT train.lock_group('g');
SELECT oracle.refusal($$SELECT train.begin_run('g', 1, outside_window => ' ')$$);
SELECT train.begin_run('g', 1, outside_window => 'orders cannot be saved') AS run \gset
SELECT * FROM train.check_target('prague', 1, :run, '2026-07-01 12:00+02');
SELECT kind, reason FROM train.events ORDER BY id DESC LIMIT 1;
RESET SESSION AUTHORIZATION;
REVOKE yesterday_operator, yesterday_admin FROM regress_author;
SET SESSION AUTHORIZATION regress_author;
SELECT oracle.refusal($$SELECT train.begin_run('g', 1, outside_window => 'I want to')$$);
-- another window from now on: of the days given, or open always
RESET SESSION AUTHORIZATION;
GRANT yesterday_admin TO regress_author;
SET SESSION AUTHORIZATION regress_author;
SELECT train.set_window('prague', '22:30', '23:30', '{6,7}');
SELECT * FROM train.next_window('prague', '2026-07-01 07:00+02');
SELECT train.set_window('prague', NULL, NULL);
SELECT train.in_window('prague', '2026-07-01 12:00+02');
SELECT kind, target, detail FROM train.events WHERE kind = 'set_window' ORDER BY id;
