-- _resolve_deployment() for callers who hold no privilege on our tables; refuses what is
-- forgotten, because its prior images are gone.
CREATE FUNCTION yesterday._find_deployment(wanted text)
RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    chosen bigint := yesterday._resolve_deployment(wanted);
    gone timestamptz;
BEGIN
    SELECT max(d.forgotten_at) INTO gone FROM yesterday.deployment d WHERE d.id = chosen;
    IF gone IS NOT NULL THEN
        RAISE EXCEPTION 'deployment % is forgotten', chosen
            USING ERRCODE = 'YD005',
                  DETAIL = format('Its inverse bundle was dropped at %s.', gone),
                  HINT = 'SELECT id, name FROM yesterday.history WHERE rollbackable;';
    END IF;
    RETURN chosen;
END
$function$;
COMMENT ON FUNCTION yesterday._find_deployment(text) IS 'id of a deployment whose prior images are still there';
REVOKE ALL ON FUNCTION yesterday._find_deployment(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._find_deployment(text) TO yesterday_viewer;

