-- Finds a deployment by id or by name. A name that several deployments carry is
-- refused, because the wrong guess would be acted upon.
CREATE FUNCTION yesterday._resolve_deployment(wanted text)
RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    found bigint[];
BEGIN
    IF wanted ~ '^[0-9]{1,18}$' THEN
        SELECT array_agg(d.id) INTO found FROM yesterday.deployment d WHERE d.id = wanted::bigint;
    END IF;
    IF found IS NULL THEN
        SELECT array_agg(d.id ORDER BY d.id) INTO found
        FROM yesterday.deployment d WHERE d.name = wanted;
    END IF;
    IF found IS NULL THEN
        RAISE EXCEPTION 'there is no deployment "%"', wanted
            USING ERRCODE = 'YD018',
                  DETAIL = 'It is neither the id nor the name of a deployment of this target.',
                  HINT = 'SELECT id, name, status FROM yesterday.history;';
    END IF;
    IF cardinality(found) > 1 THEN
        RAISE EXCEPTION 'there are % deployments named "%"', cardinality(found), wanted
            USING ERRCODE = 'YD018',
                  DETAIL = format('Their ids are %s.', array_to_string(found, ', ')),
                  HINT = 'Give the id instead of the name.';
    END IF;
    RETURN found[1];
END
$function$;
COMMENT ON FUNCTION yesterday._resolve_deployment(text) IS 'id of the deployment with this id or name';
REVOKE ALL ON FUNCTION yesterday._resolve_deployment(text) FROM PUBLIC;

