-- The run with this id.
CREATE FUNCTION train._run(wanted bigint)
RETURNS train.run
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry train.run;
BEGIN
    SELECT r.* INTO entry FROM train.run r WHERE r.id = wanted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no run %', coalesce(wanted::text, 'NULL')
            USING ERRCODE = 'YDT01',
                  DETAIL = 'A run is what begin_run() returned.',
                  HINT = 'SELECT id, group_name, ordinal, status FROM train.runs;';
    END IF;
    RETURN entry;
END
$function$;
COMMENT ON FUNCTION train._run(bigint) IS 'the run with this id; raises when there is none';
REVOKE ALL ON FUNCTION train._run(bigint) FROM PUBLIC;

