-- What a realignment of a target has to bring, in order: what it rolled back and what it missed.
CREATE FUNCTION train._way_back(entry train.target)
RETURNS TABLE (step integer, kind text, patch train.patch)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT row_number() OVER (ORDER BY p.ordinal)::integer, CASE a.status WHEN 'rolled_back' THEN 'rolled_back' ELSE 'missed' END, p
    FROM train.patch p LEFT JOIN train.application a ON a.target_id = entry.id AND a.ordinal = p.ordinal
    WHERE p.group_id = entry.group_id AND p.ordinal <= train._way_through(entry)
      AND coalesce(a.status, 'pending') NOT IN ('applied', 'realigned')
    ORDER BY p.ordinal;
$function$;
COMMENT ON FUNCTION train._way_back(train.target) IS 'what a realignment of a target has to bring, in order';
REVOKE ALL ON FUNCTION train._way_back(train.target) FROM PUBLIC;

