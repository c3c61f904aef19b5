-- The realignment with this id.
CREATE FUNCTION train._realignment(wanted bigint)
RETURNS train.realignment
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry train.realignment;
BEGIN
    SELECT r.* INTO entry FROM train.realignment r WHERE r.id = wanted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no realignment %', coalesce(wanted::text, 'NULL')
            USING ERRCODE = 'YDT01',
                  DETAIL = 'A realignment is what create_realignment() returned.',
                  HINT = 'SELECT id, target, state FROM train.realignments;';
    END IF;
    RETURN entry;
END
$function$;
COMMENT ON FUNCTION train._realignment(bigint) IS 'the realignment with this id; raises when there is none';
REVOKE ALL ON FUNCTION train._realignment(bigint) FROM PUBLIC;

