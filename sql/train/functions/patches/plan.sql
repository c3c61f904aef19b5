-- The patches that are not in a target, in order.
CREATE FUNCTION train.plan(target text)
RETURNS TABLE (ordinal integer, name text, kind text, digest text, status text, deployment bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT p.ordinal, p.name, p.kind, p.digest, coalesce(a.status, 'pending'), a.deployment
    FROM train._target(target) t
    JOIN train.patch p ON p.group_id = t.group_id
    LEFT JOIN train.application a ON a.target_id = t.id AND a.ordinal = p.ordinal
    WHERE coalesce(a.status, 'pending') NOT IN ('applied', 'realigned')
    ORDER BY p.ordinal;
$function$;
COMMENT ON FUNCTION train.plan(text) IS 'the patches that are not in a target, in order';
REVOKE ALL ON FUNCTION train.plan(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.plan(text) TO yesterday_viewer;

