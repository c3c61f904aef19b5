-- The maintenance windows of a target that are open at a moment or open in the eight days after it. Where the clocks
-- change a window is never open while the clock shows anything outside of it: an hour that comes twice narrows it, and
-- one that lies in such an hour wholly, or in one that never comes, stays closed that day.
CREATE FUNCTION train._windows(window_start time, window_end time, window_days integer[], zone text, at timestamptz)
RETURNS TABLE (opens timestamptz, closes timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT w.opens, w.closes
    FROM (SELECT train._instant(d.day + window_start, zone, true) AS opens,
                 train._instant(d.day + window_end + CASE WHEN window_end <= window_start THEN interval '1 day' ELSE '0' END, zone, false) AS closes
          FROM (SELECT (at AT TIME ZONE zone)::date + n AS day FROM generate_series(-2, 9) n) d
          WHERE window_days IS NULL OR extract(isodow FROM d.day)::integer = ANY (window_days)) w
    WHERE w.closes > at AND w.closes > w.opens
    ORDER BY w.opens;
$function$;
COMMENT ON FUNCTION train._windows(time, time, integer[], text, timestamptz) IS 'maintenance windows that are open at a moment, or next';
REVOKE ALL ON FUNCTION train._windows(time, time, integer[], text, timestamptz) FROM PUBLIC;

