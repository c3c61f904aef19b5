-- How long a lease holds: long enough to be renewed, short enough to be waited for.
CREATE FUNCTION yesterday._check_lease_time(duration interval)
RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF duration IS NULL OR duration < interval '1 second' OR duration > interval '1 hour' THEN
        RAISE EXCEPTION 'a lease cannot hold for %', coalesce(duration::text, 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'It holds from one second to one hour, and is renewed by who still needs it.',
                  HINT = 'Leave it out for 15 seconds.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._check_lease_time(interval) IS 'raises when a lease cannot hold for so long';
REVOKE ALL ON FUNCTION yesterday._check_lease_time(interval) FROM PUBLIC;

