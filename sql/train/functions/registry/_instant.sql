-- The moment at which a clock of this zone shows this. An hour that comes twice gives two, of which the earlier
-- or the later is wanted; of one that never comes it is the moment at which the clock jumps over it.
CREATE FUNCTION train._instant(shown timestamp, zone text, latest boolean)
RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE
        WHEN p.moment AT TIME ZONE zone <> shown THEN
            -- PostgreSQL's answer is as much later as the clock jumps
            (SELECT min(m) FROM generate_series(date_trunc('minute', p.moment - (p.moment AT TIME ZONE zone - shown)), p.moment,
                                                interval '1 minute') m
             WHERE m AT TIME ZONE zone >= shown)
        ELSE
            (SELECT CASE WHEN latest THEN max(p.moment + d.distance) ELSE min(p.moment + d.distance) END
             FROM unnest('{-2h,-1h,-30min,0,30min,1h,2h}'::interval[]) AS d (distance)
             WHERE (p.moment + d.distance) AT TIME ZONE zone = shown)
        END
    FROM (SELECT shown AT TIME ZONE zone AS moment) p;
$function$;
COMMENT ON FUNCTION train._instant(timestamp, text, boolean) IS 'the moment at which a clock of this zone shows this';
REVOKE ALL ON FUNCTION train._instant(timestamp, text, boolean) FROM PUBLIC;

