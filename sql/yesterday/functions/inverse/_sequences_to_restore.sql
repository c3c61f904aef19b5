-- Sequences that a rollback of the deployment would set forward now, for callers who hold no
-- privilege on our tables.
CREATE FUNCTION yesterday._sequences_to_restore(deployment bigint)
RETURNS TABLE (sequence text, next_value bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT b.sequence, b.next_value FROM yesterday._sequences_behind($1) b;
$function$;
COMMENT ON FUNCTION yesterday._sequences_to_restore(bigint) IS 'sequences that a rollback would set forward';
REVOKE ALL ON FUNCTION yesterday._sequences_to_restore(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._sequences_to_restore(bigint) TO yesterday_viewer;
