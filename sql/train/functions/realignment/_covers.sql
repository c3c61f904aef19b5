-- What a realignment brings, in order.
CREATE FUNCTION train._covers(its_realignment bigint)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_agg(jsonb_build_object('ordinal', s.ordinal, 'name', s.name, 'digest', s.digest, 'kind', s.kind) ORDER BY s.step), '[]')
    FROM train.realignment_step s WHERE s.realignment = its_realignment;
$function$;
COMMENT ON FUNCTION train._covers(bigint) IS 'what a realignment brings, in order';
REVOKE ALL ON FUNCTION train._covers(bigint) FROM PUBLIC;

