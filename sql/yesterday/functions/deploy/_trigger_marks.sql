-- Version of our triggers on a table (relid 0: of our event triggers). Disabling, enabling or
-- dropping one, even for a moment, changes it; VACUUM FULL of the catalogs, which moves the
-- rows, does not.
CREATE FUNCTION yesterday._trigger_marks(relation oid)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF relation = 0 THEN
        RETURN (SELECT coalesce(string_agg(m.mark, ' ' ORDER BY m.mark), '')
                FROM (SELECT format('%s:%s:%s:%s', e.evtname, e.oid, e.xmin, e.evtenabled) AS mark
                      FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid
                      WHERE p.pronamespace = 'yesterday'::regnamespace) m);
    END IF;
    RETURN (SELECT coalesce(string_agg(m.mark, ' ' ORDER BY m.mark), '')
            FROM (SELECT format('%s:%s:%s:%s', g.tgname, g.oid, g.xmin, g.tgenabled) AS mark
                  FROM pg_trigger g
                  WHERE g.tgrelid = relation
                    AND g.tgfoid IN ('yesterday._capture'::regproc, 'yesterday._capture_truncate'::regproc)) m);
END
$function$;
COMMENT ON FUNCTION yesterday._trigger_marks(oid) IS 'version of our triggers on a table, or of our event triggers';
REVOKE ALL ON FUNCTION yesterday._trigger_marks(oid) FROM PUBLIC;

