-- The end of the chain, to be noted elsewhere: only that shows that nothing was cut off.
CREATE FUNCTION train.last_event()
RETURNS TABLE (event bigint, hash text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT e.id, encode(e.hash, 'hex') FROM train.event e ORDER BY e.id DESC LIMIT 1;
$function$;
COMMENT ON FUNCTION train.last_event() IS 'the newest event and its hash, to be noted elsewhere';
REVOKE ALL ON FUNCTION train.last_event() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.last_event() TO yesterday_viewer;

