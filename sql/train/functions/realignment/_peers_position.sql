-- The last patch that a peer on the train has; without such a peer the last one released.
CREATE FUNCTION train._peers_position(its_group bigint, but bigint)
RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce((SELECT max(train._position(t.applications)) FROM train.target t
                     WHERE t.group_id = its_group AND t.id <> but AND t.removed_at IS NULL AND t.state IN ('on_train', 'frozen')),
                    (SELECT max(p.ordinal) FROM train.patch p WHERE p.group_id = its_group), 0);
$function$;
COMMENT ON FUNCTION train._peers_position(bigint, bigint) IS 'the last patch that a peer on the train has';
REVOKE ALL ON FUNCTION train._peers_position(bigint, bigint) FROM PUBLIC;

