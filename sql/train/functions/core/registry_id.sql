-- Who this registry is; made at the first call.
CREATE FUNCTION train.registry_id()
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry uuid;
BEGIN
    SELECT r.id INTO entry FROM train.registry r;
    IF entry IS NULL THEN
        PERFORM train._begin_write('registry_id()');
        INSERT INTO train.registry (id) SELECT gen_random_uuid() WHERE NOT EXISTS (SELECT FROM train.registry);
        SELECT r.id INTO STRICT entry FROM train.registry r;
    END IF;
    RETURN entry;
END
$function$;
COMMENT ON FUNCTION train.registry_id() IS 'identity of this registry, kept by dump and restore';
REVOKE ALL ON FUNCTION train.registry_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.registry_id() TO yesterday_viewer;

