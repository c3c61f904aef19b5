-- The one deployment that lands off the train. It uses its permit up in its own transaction: both happen or none.
CREATE FUNCTION yesterday.begin_realignment(
    permit bigint, plan_digest text, name text, manifest jsonb DEFAULT NULL, artifacts jsonb DEFAULT NULL,
    note text DEFAULT NULL, accept_irreversible boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
BEGIN
    IF permit IS NULL THEN
        RAISE EXCEPTION 'begin_realignment() needs a permit'
            USING ERRCODE = 'YD023',
                  DETAIL = 'A realignment lands while the target is off the train.',
                  HINT = 'A yesterday_admin grants one: yesterday.grant_permit().';
    END IF;
    RETURN yesterday._begin_deployment('begin_realignment()', name, manifest, artifacts, 'transaction', note, accept_irreversible, NULL,
                                       permit, plan_digest);
END
$function$;
COMMENT ON FUNCTION yesterday.begin_realignment(bigint, text, text, jsonb, jsonb, text, boolean) IS
    'opens a deployment of kind realignment, with a permit, while the target is off the train';
REVOKE ALL ON FUNCTION yesterday.begin_realignment(bigint, text, text, jsonb, jsonb, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.begin_realignment(bigint, text, text, jsonb, jsonb, text, boolean) TO yesterday_deployer;

