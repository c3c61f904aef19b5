-- A freeze by the calendar, once or again and again: the end of the year, the end of each month, weekends.
CREATE FUNCTION train.add_calendar(
    name text, reason text, starts timestamp, ends timestamp, every interval DEFAULT NULL, time_zone text DEFAULT NULL,
    target text DEFAULT NULL, group_name text DEFAULT NULL, until date DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    scope record;
    months numeric := extract(year FROM every) * 12 + extract(month FROM every);
    days numeric := extract(day FROM every);
    new_id bigint;
BEGIN
    PERFORM train._require_reason(reason, 'add_calendar');
    IF coalesce(btrim(name), '') = '' THEN
        RAISE EXCEPTION 'a calendar freeze needs a name'
            USING ERRCODE = 'YD022',
                  DETAIL = 'Whoever is stopped by it sees the name and the reason.',
                  HINT = 'For example ''end of the year''.';
    END IF;
    IF starts IS NULL OR ends IS NULL OR ends <= starts OR NOT isfinite(starts) OR NOT isfinite(ends) THEN
        RAISE EXCEPTION 'calendar freeze "%" ends before it starts', name
            USING ERRCODE = 'YD022',
                  DETAIL = format('From %s to %s.', coalesce(starts::text, 'NULL'), coalesce(ends::text, 'NULL')),
                  HINT = 'Give the first period, from start to end.';
    END IF;
    IF every IS NOT NULL AND (every <> make_interval(months => months::integer, days => days::integer)
                              OR (months > 0) = (days > 0) OR months < 0 OR days < 0) THEN
        RAISE EXCEPTION 'calendar freeze "%" cannot come again every %', name, every
            USING ERRCODE = 'YD022',
                  DETAIL = 'Whole days or whole months keep their meaning when the clocks change.',
                  HINT = 'For example ''1 day'', ''7 days'', ''1 month'', ''1 year''.';
    END IF;
    IF ends > starts + every THEN
        RAISE EXCEPTION 'calendar freeze "%" is longer than the time after which it comes again', name
            USING ERRCODE = 'YD022',
                  DETAIL = format('From %s to %s, every %s.', starts, ends, every),
                  HINT = 'Freeze by hand what is to be frozen always: yesterday train freeze; in SQL train.freeze().';
    END IF;
    IF time_zone IS NOT NULL THEN
        PERFORM train._check_time_zone(time_zone);
    END IF;
    PERFORM train._begin_write('add_calendar()');
    scope := train._scope(target, group_name, 'add_calendar()');
    INSERT INTO train.freeze AS f (kind, group_id, target_id, name, reason, starts, ends, every, time_zone, until, set_role)
    VALUES ('calendar', scope.its_group, scope.its_target, btrim(name), reason, starts, ends, every, time_zone, until, train._caller())
    RETURNING f.id INTO new_id;
    PERFORM train._log('add_calendar', scope.log_group, target, reason, jsonb_build_object(
        'freeze', new_id, 'name', btrim(name), 'starts', starts, 'ends', ends, 'every', every::text, 'time_zone', time_zone, 'until', until));
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION train.add_calendar(text, text, timestamp, timestamp, interval, text, text, text, date) IS
    'freezes a target or a group by the calendar';
REVOKE ALL ON FUNCTION train.add_calendar(text, text, timestamp, timestamp, interval, text, text, text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.add_calendar(text, text, timestamp, timestamp, interval, text, text, text, date) TO yesterday_admin;

