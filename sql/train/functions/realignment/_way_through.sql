-- How far a realignment of a target leads: as far as its peers are, and as far as it has ever been itself.
CREATE FUNCTION train._way_through(entry train.target)
RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT greatest(train._peers_position(entry.group_id, entry.id), coalesce(max(a.ordinal), 0))
    FROM train.application a WHERE a.target_id = entry.id;
$function$;
COMMENT ON FUNCTION train._way_through(train.target) IS 'the last patch that a realignment of a target brings';
REVOKE ALL ON FUNCTION train._way_through(train.target) FROM PUBLIC;

