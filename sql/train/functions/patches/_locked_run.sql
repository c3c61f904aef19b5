-- The run with this id, for a call that changes it: its group is locked by this session.
CREATE FUNCTION train._locked_run(wanted bigint, what text)
RETURNS train.run
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry train.run;
BEGIN
    PERFORM train._begin_write(what);
    entry := train._run(wanted);
    PERFORM train._require_group_lock(entry.group_id, what);
    RETURN entry;
END
$function$;
COMMENT ON FUNCTION train._locked_run(bigint, text) IS 'the run with this id, whose group this session has locked';
REVOKE ALL ON FUNCTION train._locked_run(bigint, text) FROM PUBLIC;

