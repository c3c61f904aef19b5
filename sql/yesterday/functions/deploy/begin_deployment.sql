-- Opens a deployment.
CREATE FUNCTION yesterday.begin_deployment(
    name text, manifest jsonb DEFAULT NULL, artifacts jsonb DEFAULT NULL,
    scope text DEFAULT 'transaction', note text DEFAULT NULL,
    accept_irreversible boolean DEFAULT false, join_role name DEFAULT NULL)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
    SELECT yesterday._begin_deployment('begin_deployment()', name, manifest, artifacts, scope, note, accept_irreversible, join_role,
                                       NULL, NULL);
$function$;
COMMENT ON FUNCTION yesterday.begin_deployment(text, jsonb, jsonb, text, text, boolean, name) IS
    'opens a deployment and returns its id; everything it changes from now on is captured';
REVOKE ALL ON FUNCTION yesterday.begin_deployment(text, jsonb, jsonb, text, text, boolean, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.begin_deployment(text, jsonb, jsonb, text, text, boolean, name) TO yesterday_deployer;

