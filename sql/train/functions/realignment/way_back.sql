-- The steps that a realignment of this target would have, for who looks before somebody plans one.
CREATE FUNCTION train.way_back(target text)
RETURNS TABLE (step integer, kind text, ordinal integer, name text, digest text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT w.step, w.kind, (w.patch).ordinal, (w.patch).name, (w.patch).digest
    FROM train._target(target) t, LATERAL train._way_back(t) w
    ORDER BY w.step;
$function$;
COMMENT ON FUNCTION train.way_back(text) IS 'the steps that a realignment of a target would have';
REVOKE ALL ON FUNCTION train.way_back(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.way_back(text) TO yesterday_viewer;

