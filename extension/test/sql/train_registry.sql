-- Groups and targets: registered once, by name and by database; what no registry takes.
\getenv inputdir PG_ABS_SRCDIR
\set registry :inputdir '/include/registry.sql'
\set ECHO none
\i :registry
SELECT train.registry_id() = train.registry_id() AS same;
SELECT train.add_group('production', note => 'all partners') AS id;
SELECT train.add_group('test', partner_layers => '{partner,site}') AS id;
SELECT oracle.refusal($$SELECT train.add_group(' production ')$$);
SELECT oracle.refusal($$SELECT train.add_group(' ')$$);
-- names are typed, and head the board: one line, not too long
SELECT oracle.refusal($$SELECT train.add_group(E'two\nlines')$$);
SELECT oracle.refusal(format('SELECT train.add_group(%L)', repeat('é', 101)));
SELECT oracle.refusal($$SELECT train.add_target(E'red \x1b[31m', 'production', 'service=x', 7000, 16009, 'x')$$);
SELECT train.add_target('partner 1', 'production', 'host=db1 dbname=erp', 7000, 16001, 'erp1', time_zone => 'Europe/Prague', window_start => '01:00', window_end => '06:00') AS id;
SELECT train.add_target('partner 2', 'production', 'service=erp2', 7000, 16002, 'erp2', canary => 1) AS id;
-- twice: by name, by database, under another group
SELECT oracle.refusal($$SELECT train.add_target('partner 1', 'production', 'service=x', 7000, 16009, 'x')$$);
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'production', 'service=x', 7000, 16001, 'x')$$);
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'test', 'service=x', 7000, 16001, 'x')$$);
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'nowhere', 'service=x', 7000, 16009, 'x')$$);
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'test', 'service=x', NULL, NULL, 'x')$$);
-- passwords, in whatever form
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'test', 'host=db password=secret', 7000, 16009, 'x')$$);
SELECT left(r, 60) FROM oracle.refusal($$SELECT train.add_target('partner 9', 'test', 'postgresql://erp:secret@db/erp', 7000, 16009, 'x')$$) r LIMIT 1;
SELECT left(r, 60) FROM oracle.refusal($$SELECT train.add_target('partner 9', 'test', 'postgresql://erp@db/erp?password=secret', 7000, 16009, 'x')$$) r LIMIT 1;
SELECT left(r, 60) FROM oracle.refusal($$SELECT train.add_target('partner 9', 'test', 'host=db sslpassword = secret', 7000, 16009, 'x')$$) r LIMIT 1;
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'test', ' ', 7000, 16009, 'x')$$);
-- time zones and windows
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'test', 'service=x', 7000, 16009, 'x', time_zone => 'Europe/Nowhere')$$);
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'test', 'service=x', 7000, 16009, 'x', window_start => '01:00')$$);
SELECT oracle.refusal($$SELECT train.set_window('partner 1', '01:00', '06:00', '{0}')$$);
SELECT oracle.refusal($$SELECT train.set_window('partner 1', '01:00', '01:00')$$);
SELECT oracle.refusal($$SELECT train.add_target('partner 9', 'production', 'service=x', 7000, 16009, 'x', baseline => 1)$$);
SELECT target, group_name, conninfo, database_name, dedicated, time_zone, window_start, window_end, canary, state FROM train.targets;
SELECT train.change_target('partner 2', canary => 7, dedicated => false);
SELECT oracle.refusal($$SELECT train.change_target('partner 2', conninfo => 'host=x password=y')$$);
-- restored elsewhere: somebody has to say so
SELECT oracle.refusal($$SELECT train.identify_target('partner 2', 7000, 16001, 'erp1', 'moved')$$);
SELECT oracle.refusal($$SELECT train.identify_target('partner 2', 8000, 16001, 'erp1', '')$$);
SELECT train.identify_target('partner 2', 8000, 16001, 'erp1', 'moved to a new server');
-- removed: name and database are free, what happened stays
SELECT oracle.refusal($$SELECT train.remove_target('partner 1', NULL)$$);
SELECT train.remove_target('partner 1', 'left us');
SELECT oracle.refusal($$SELECT train.remove_target('partner 1', 'again')$$);
SELECT train.add_target('partner 1', 'test', 'service=erp1', 7000, 16001, 'erp1') > 0 AS back;
SELECT target, group_name, canary, dedicated, system_identifier FROM train.targets;
SELECT group_name, partner_layers, targets, latest FROM train.groups;
-- the lock of a group belongs to the session
SELECT count(*) FROM train.group_lock_holder('production');
SELECT train.lock_group('production');
SELECT train.lock_group('production');
SELECT pid = pg_backend_pid() AS mine, locked_at IS NOT NULL AS since FROM train.group_lock_holder('production');
SELECT train.unlock_group('production'), train.unlock_group('production');
SELECT oracle.refusal($$SELECT train.lock_group('nowhere')$$);
-- writers need READ COMMITTED
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT oracle.refusal($$SELECT train.add_group('later')$$);
ROLLBACK;
SELECT id, kind, group_name, target, by, reason FROM train.events;
