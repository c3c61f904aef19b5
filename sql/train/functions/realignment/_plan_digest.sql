-- What was signed: this target, at this position, these bundles in this order. The ordinal that the fix gets
-- once it is applied is not part of it.
CREATE FUNCTION train._plan_digest(its_realignment bigint)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT encode(sha256(convert_to(jsonb_build_array(
               'yesterday realignment', train.registry_id(), r.id, t.name, t.system_identifier, t.database_oid::bigint, r."position", r.through,
               (SELECT jsonb_agg(jsonb_build_array(s.step, s.kind, CASE WHEN s.kind <> 'fix' THEN s.ordinal END, s.name, s.digest) ORDER BY s.step)
                FROM train.realignment_step s WHERE s.realignment = r.id))::text, 'UTF8')), 'hex')
    FROM train.realignment r JOIN train.target t ON t.id = r.target_id
    WHERE r.id = its_realignment;
$function$;
COMMENT ON FUNCTION train._plan_digest(bigint) IS 'digest of target, position and steps of a realignment';
REVOKE ALL ON FUNCTION train._plan_digest(bigint) FROM PUBLIC;

