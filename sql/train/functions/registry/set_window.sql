-- Sets the maintenance window of a target; nulls: always.
CREATE FUNCTION train.set_window(target text, window_start time, window_end time, window_days integer[] DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target;
BEGIN
    PERFORM train._check_window(window_start, window_end, window_days);
    PERFORM train._begin_write('set_window()');
    entry := train._target(target);
    UPDATE train.target t
    SET window_start = window_start, window_end = window_end, window_days = window_days
    WHERE t.id = entry.id;
    PERFORM train._log('set_window', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, NULL,
        jsonb_build_object('window_start', window_start, 'window_end', window_end, 'window_days', window_days));
END
$function$;
COMMENT ON FUNCTION train.set_window(text, time, time, integer[]) IS 'sets the maintenance window of a target';
REVOKE ALL ON FUNCTION train.set_window(text, time, time, integer[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.set_window(text, time, time, integer[]) TO yesterday_admin;

