-- Is a maintenance window of this target open?
CREATE FUNCTION train.in_window(target text, at timestamptz DEFAULT now())
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(w.opens <= at, true) FROM train.next_window(target, at) w;
$function$;
COMMENT ON FUNCTION train.in_window(text, timestamptz) IS 'is a maintenance window of this target open?';
REVOKE ALL ON FUNCTION train.in_window(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.in_window(text, timestamptz) TO yesterday_viewer;

