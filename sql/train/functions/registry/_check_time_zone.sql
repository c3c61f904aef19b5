-- A time zone that the server knows, by a name that has its rules and not one moment's offset.
CREATE FUNCTION train._check_time_zone(zone text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF zone IS NULL OR NOT EXISTS (SELECT FROM pg_timezone_names n WHERE n.name = zone) THEN
        RAISE EXCEPTION 'there is no time zone %', coalesce(format('"%s"', zone), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'Wanted is a name with its rules for daylight saving, such as Europe/Prague; abbreviations and offsets have none.',
                  HINT = 'SELECT name FROM pg_timezone_names ORDER BY name;';
    END IF;
END
$function$;
COMMENT ON FUNCTION train._check_time_zone(text) IS 'raises unless the server knows this time zone';
REVOKE ALL ON FUNCTION train._check_time_zone(text) FROM PUBLIC;

