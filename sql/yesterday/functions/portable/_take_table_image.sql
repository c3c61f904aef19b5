-- An image of the tables and of what belongs to them, and of nothing else: _take_image() without the parts that a
-- comparison of tables has no use for. Under the same settings, because definitions are deparsed as they say.
CREATE FUNCTION yesterday._take_table_image(image bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off SET jit = off
SET DateStyle = 'ISO, YMD' SET IntervalStyle = postgres SET TimeZone = 'UTC' SET extra_float_digits = 3
SET bytea_output = hex SET lc_monetary = 'C' SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
BEGIN
    DELETE FROM yesterday.schema_object o WHERE o.deployment = image;
    PERFORM yesterday._image_relations(image, 'now');
    PERFORM yesterday._image_table_parts(image, 'now');
END
$function$;
COMMENT ON FUNCTION yesterday._take_table_image(bigint) IS 'a schema image of tables and their parts, for portable digests';
REVOKE ALL ON FUNCTION yesterday._take_table_image(bigint) FROM PUBLIC;

