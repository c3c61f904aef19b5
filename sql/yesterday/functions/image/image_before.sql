-- yesterday._image_before(deployment): takes the image of before unless it exists, as the first
-- DDL of a deployment in transaction scope asks for.
CREATE FUNCTION yesterday._image_before(deployment bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday.schema_object o
                   WHERE o.deployment = $1 AND o.phase = 'before') THEN
        PERFORM yesterday._take_image($1, 'before');
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._image_before(bigint) IS 'internal: takes the schema image of before, once';
REVOKE ALL ON FUNCTION yesterday._image_before(bigint) FROM PUBLIC;

