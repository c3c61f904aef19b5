-- The period of a calendar freeze that a moment lies in; no row: in none. A period begins at the first moment at
-- which the clock shows its start and ends at the last at which it shows its end.
CREATE FUNCTION train._calendar_period(starts timestamp, ends timestamp, every interval, until date, zone text, at timestamptz)
RETURNS TABLE (since timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT p.since, p.ends_at
    FROM (
        SELECT train._instant(starts + k.n * coalesce(every, '0'), zone, false) AS since,
               train._instant(ends + k.n * coalesce(every, '0'), zone, true) AS ends_at
        FROM (SELECT coalesce(CASE
                  WHEN extract(year FROM every) * 12 + extract(month FROM every) > 0
                      THEN div((extract(year FROM l.shown) - extract(year FROM starts)) * 12 + extract(month FROM l.shown) - extract(month FROM starts),
                               extract(year FROM every) * 12 + extract(month FROM every))
                  WHEN every IS NOT NULL THEN div(l.shown::date - starts::date, extract(day FROM every))
              END, 0)::integer AS nearest
              FROM (SELECT at AT TIME ZONE zone AS shown) l) c
        CROSS JOIN LATERAL generate_series(c.nearest - 2, c.nearest + 1) AS k (n)
        WHERE (every IS NOT NULL OR k.n = 0) AND k.n >= 0
          AND (until IS NULL OR (starts + k.n * coalesce(every, '0'))::date <= until)
    ) p
    WHERE p.since <= at AND at < p.ends_at
    ORDER BY p.ends_at DESC
    LIMIT 1;
$function$;
COMMENT ON FUNCTION train._calendar_period(timestamp, timestamp, interval, date, text, timestamptz) IS
    'the period of a calendar freeze that a moment lies in';
REVOKE ALL ON FUNCTION train._calendar_period(timestamp, timestamp, interval, date, text, timestamptz) FROM PUBLIC;

