-- Where a sequence stands, as the value before the one that it gives next: also where that was set (RESTART, as a rollback
-- does) and none was taken since. Null for one that is new.
CREATE FUNCTION yesterday._last_position(sequence oid)
RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    relation regclass := sequence;
    options record;
    at record;
    before numeric;
BEGIN
    SELECT s.seqincrement, s.seqstart INTO options FROM pg_sequence s WHERE s.seqrelid = sequence;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT last_value, is_called FROM %s', relation) INTO STRICT at;
    before := at.last_value::numeric - CASE WHEN at.is_called THEN 0 ELSE options.seqincrement END;
    RETURN CASE WHEN (at.is_called OR at.last_value <> options.seqstart)
                 AND before BETWEEN -9223372036854775808 AND 9223372036854775807 THEN before END;
END
$function$;
COMMENT ON FUNCTION yesterday._last_position(oid) IS 'value of a sequence before the one that it gives next';
REVOKE ALL ON FUNCTION yesterday._last_position(oid) FROM PUBLIC;
