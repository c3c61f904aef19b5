-- A maintenance window has both ends or none, and days of the week by ISO.
CREATE FUNCTION train._check_window(window_start time, window_end time, window_days integer[])
RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF (window_start IS NULL) <> (window_end IS NULL) THEN
        RAISE EXCEPTION 'a maintenance window needs a start and an end'
            USING ERRCODE = 'YD022',
                  DETAIL = format('Given were %s and %s.', coalesce(window_start::text, 'NULL'), coalesce(window_end::text, 'NULL')),
                  HINT = 'Give both, such as 01:00 and 06:00; or none of them: always.';
    END IF;
    IF window_start = window_end THEN
        RAISE EXCEPTION 'a maintenance window that ends when it starts'
            USING ERRCODE = 'YD022',
                  DETAIL = format('It starts and ends at %s: that can mean the whole day as well as no time at all.', window_start),
                  HINT = 'For whole days give 00:00 and 24:00; for always none of them.';
    END IF;
    IF window_days IS NOT NULL AND (window_start IS NULL OR cardinality(window_days) = 0
                                    OR EXISTS (SELECT FROM unnest(window_days) d WHERE d IS NULL OR d NOT BETWEEN 1 AND 7)) THEN
        RAISE EXCEPTION 'days % are no days of a maintenance window', window_days
            USING ERRCODE = 'YD022',
                  DETAIL = 'Days are 1 (Monday) to 7 (Sunday), those on which the window starts; a window without times has none.',
                  HINT = 'Give for example {6,7}, or leave the days out: every day.';
    END IF;
END
$function$;
COMMENT ON FUNCTION train._check_window(time, time, integer[]) IS 'raises unless these make a maintenance window';
REVOKE ALL ON FUNCTION train._check_window(time, time, integer[]) FROM PUBLIC;

