-- Sets sequences forward again that a deployment had set back by TRUNCATE ... RESTART IDENTITY.
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
        PERFORM yesterday._execute_as(behind.owner, format('ALTER SEQUENCE %s RESTART WITH %s',
                                                           behind.sequence, behind.next_value));
        subject := format('sequence %s', behind.sequence);
        outcome := 'set forward';
        rows := NULL;
        detail := format('its next value is %s, as before the deployment', behind.next_value);
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._restore_sequences(bigint) IS 'sets sequences forward again that a deployment had set back';
REVOKE ALL ON FUNCTION yesterday._restore_sequences(bigint) FROM PUBLIC;

