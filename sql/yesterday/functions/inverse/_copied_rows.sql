-- The rows of one copy of destroyed rows as {column: type output text or null}, for the owner of the extension.
-- A copy is ours and of types of pg_catalog: no code of users runs. Transactions are of this database alone, and no
-- command reads them.
CREATE FUNCTION yesterday._copied_rows(copy name)
RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET DateStyle = 'ISO, YMD' SET IntervalStyle = postgres SET TimeZone = 'UTC' SET extra_float_digits = 3
SET bytea_output = hex SET xmlbinary = base64 SET lc_monetary = 'C'
AS $function$
DECLARE
    members text;
BEGIN
    -- format() writes a value as its type's output function does, which a cast to text does not
    SELECT string_agg(format('%L, CASE WHEN c.%I IS NOT NULL THEN format(''%%s'', c.%I) END', a.attname, a.attname, a.attname),
                      ', ' ORDER BY a.attnum)
    INTO members FROM pg_attribute a
    WHERE a.attrelid = to_regclass(format('yesterday_shadow.%I', copy)) AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL ('{xid,prior}');
    RETURN QUERY EXECUTE format('SELECT jsonb_build_object(%s) FROM yesterday_shadow.%I c', members, copy);
END
$function$;
COMMENT ON FUNCTION yesterday._copied_rows(name) IS 'rows of a copy of destroyed rows';
REVOKE ALL ON FUNCTION yesterday._copied_rows(name) FROM PUBLIC;
