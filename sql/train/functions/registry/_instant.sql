-- The moment at which a clock of this zone shows this. An hour that comes twice gives two, of which the earlier
-- or the later is wanted; for one that never comes PostgreSQL's answer counts, which is as much later as the
-- clock jumps.
CREATE FUNCTION train._instant(shown timestamp, zone text, latest boolean)
RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN latest THEN max(c.moment) ELSE min(c.moment) END
    FROM (SELECT (shown AT TIME ZONE zone) + d.distance AS moment, d.distance
          FROM unnest('{-2h,-1h,-30min,0,30min,1h,2h}'::interval[]) AS d (distance)) c
    WHERE c.distance = '0' OR c.moment AT TIME ZONE zone = shown;
$function$;
COMMENT ON FUNCTION train._instant(timestamp, text, boolean) IS 'the moment at which a clock of this zone shows this';
REVOKE ALL ON FUNCTION train._instant(timestamp, text, boolean) FROM PUBLIC;

