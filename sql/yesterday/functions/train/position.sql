-- Where this target stands: another position after every deployment, rollback and change of the freeze. A drill
-- changes nothing, so it does not count.
CREATE FUNCTION yesterday.position()
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('d%s.s%s.r%s',
                  (SELECT coalesce(max(d.id), 0) FROM yesterday.deployment d),
                  (SELECT coalesce(max(c.id), 0) FROM yesterday.state_change c),
                  (SELECT coalesce(max(r.id), 0) FROM yesterday.rollback r WHERE r.kind <> 'drill'));
$function$;
COMMENT ON FUNCTION yesterday.position() IS 'where this target stands; changes with every deployment, rollback and change of the freeze';
REVOKE ALL ON FUNCTION yesterday.position() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.position() TO yesterday_viewer;

