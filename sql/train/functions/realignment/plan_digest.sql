-- For who rehearses and applies a plan.
CREATE FUNCTION train.plan_digest(realignment bigint)
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT train._plan_digest(r.id) FROM train._realignment(realignment) r;
$function$;
COMMENT ON FUNCTION train.plan_digest(bigint) IS 'digest of target, position and steps of a realignment';
REVOKE ALL ON FUNCTION train.plan_digest(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.plan_digest(bigint) TO yesterday_viewer;

