-- Ends what a session is doing: cancels it on the first attempt, terminates it on later ones.
-- Returns the line of the report.
CREATE FUNCTION yesterday._end_session(pid integer, attempt integer, held text)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF attempt = 1 THEN
        PERFORM pg_cancel_backend(pid);
    ELSE
        PERFORM pg_terminate_backend(pid);
    END IF;
    RETURN jsonb_build_object(
        'subject', format('session %s', pid),
        'outcome', CASE attempt WHEN 1 THEN 'cancelled' ELSE 'terminated' END,
        'rows', NULL, 'detail', held);
END
$function$;
COMMENT ON FUNCTION yesterday._end_session(integer, integer, text) IS 'cancels a session, later terminates it; returns a line of the report';
REVOKE ALL ON FUNCTION yesterday._end_session(integer, integer, text) FROM PUBLIC;

