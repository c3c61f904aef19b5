-- The maintenance window that is open, or the next one. Nulls: always.
CREATE FUNCTION train.next_window(target text, at timestamptz DEFAULT now())
RETURNS TABLE (opens timestamptz, closes timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT w.opens, w.closes
    FROM train._target(target) t
    LEFT JOIN LATERAL (SELECT * FROM train._windows(t.window_start, t.window_end, t.window_days, t.time_zone, at) LIMIT 1) w
        ON t.window_start IS NOT NULL;
$function$;
COMMENT ON FUNCTION train.next_window(text, timestamptz) IS 'the maintenance window of a target that is open, or the next one';
REVOKE ALL ON FUNCTION train.next_window(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.next_window(text, timestamptz) TO yesterday_viewer;

