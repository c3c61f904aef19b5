-- The deployment that finish_deployment() means: the one named, else the one of this
-- transaction or session, else the open one.
CREATE FUNCTION yesterday._which_deployment(deployment bigint, what text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    chosen record;
BEGIN
    SELECT d.id, d.name, d.status, d.scope INTO chosen
    FROM yesterday.deployment d
    WHERE d.id = coalesce(deployment, (SELECT o.id FROM yesterday.deployment o WHERE o.status = 'open'));
    IF NOT FOUND THEN
        RAISE EXCEPTION '%: there is no %', what,
                CASE WHEN deployment IS NULL THEN 'open deployment' ELSE format('deployment %s', deployment) END
            USING ERRCODE = 'YD003',
                  DETAIL = 'A deployment is opened by yesterday.begin_deployment().',
                  HINT = 'SELECT id, name, status FROM yesterday.history;';
    END IF;
    IF chosen.status <> 'open' THEN
        RAISE EXCEPTION '%: deployment % "%" is %', what, chosen.id, chosen.name,
                replace(chosen.status, '_', ' ')
            USING ERRCODE = 'YD003',
                  DETAIL = 'Only an open deployment can be finished or abandoned.',
                  HINT = 'SELECT id, name, status FROM yesterday.history;';
    END IF;
    RETURN chosen.id;
END
$function$;
COMMENT ON FUNCTION yesterday._which_deployment(bigint, text) IS 'id of the open deployment that is meant';
REVOKE ALL ON FUNCTION yesterday._which_deployment(bigint, text) FROM PUBLIC;

