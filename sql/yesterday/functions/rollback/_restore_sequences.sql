-- Sets sequences to where they stood: forward again where a deployment had set them back, by TRUNCATE ... RESTART
-- IDENTITY or by RESTART, and back where it had set them forward and nobody has used them since.
-- By ALTER SEQUENCE: a savepoint undoes it, as a rehearsal must.
CREATE FUNCTION yesterday._restore_sequences(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    behind record;
BEGIN
    FOR behind IN SELECT * FROM yesterday._sequences_behind(deployment)
    LOOP
        IF behind.outcome <> 'held back' THEN
            PERFORM yesterday._execute_as(behind.owner, format('ALTER SEQUENCE %s RESTART WITH %s',
                                                               behind.sequence, behind.next_value));
        END IF;
        subject := format('sequence %s', behind.sequence);
        outcome := behind.outcome;
        rows := NULL;
        detail := behind.detail;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._restore_sequences(bigint) IS 'sets sequences forward again that a deployment had set back';
REVOKE ALL ON FUNCTION yesterday._restore_sequences(bigint) FROM PUBLIC;

