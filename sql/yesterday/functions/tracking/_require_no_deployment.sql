-- Which tables are under capture must not change while a deployment is open.
CREATE FUNCTION yesterday._require_no_deployment(what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    open_id bigint;
BEGIN
    SELECT d.id INTO open_id FROM yesterday.deployment d WHERE d.status = 'open';
    IF open_id IS NOT NULL THEN
        RAISE EXCEPTION '% while deployment % is open', what, open_id
            USING ERRCODE = 'YD002',
                  DETAIL = 'What it captures was decided when it began.',
                  HINT = 'Finish or abandon the deployment first.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._require_no_deployment(text) IS 'raises while a deployment is open';
REVOKE ALL ON FUNCTION yesterday._require_no_deployment(text) FROM PUBLIC;

