-- The value that a sequence gives next, without taking it. One that has come to its end stays
-- at its last value.
CREATE FUNCTION yesterday._next_value(sequence oid)
RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    relation regclass := sequence;
    options record;
    at record;
    next numeric;
BEGIN
    SELECT s.seqincrement, s.seqmin, s.seqmax INTO STRICT options FROM pg_sequence s WHERE s.seqrelid = sequence;
    EXECUTE format('SELECT last_value, is_called FROM %s', relation) INTO STRICT at;
    next := at.last_value::numeric + CASE WHEN at.is_called THEN options.seqincrement ELSE 0 END;
    RETURN CASE WHEN next BETWEEN options.seqmin AND options.seqmax THEN next ELSE at.last_value END;
END
$function$;
COMMENT ON FUNCTION yesterday._next_value(oid) IS 'value that a sequence gives next';
REVOKE ALL ON FUNCTION yesterday._next_value(oid) FROM PUBLIC;

