-- What this patch displaces in an aligned target.
CREATE FUNCTION train.reference_digest(group_name text, ordinal integer)
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT p.reference_digest FROM train._group(group_name) g, train._patch(g.id, ordinal) p;
$function$;
COMMENT ON FUNCTION train.reference_digest(text, integer) IS 'portable digest of what a patch displaces; null until a target has applied it';
REVOKE ALL ON FUNCTION train.reference_digest(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.reference_digest(text, integer) TO yesterday_viewer;

