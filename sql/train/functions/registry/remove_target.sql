-- Takes a target off the registry. What happened to it stays; its name and its database are free.
CREATE FUNCTION train.remove_target(target text, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target;
    in_doubt bigint;
BEGIN
    PERFORM train._require_reason(reason, 'remove_target');
    PERFORM train._begin_write('remove_target()');
    entry := train._target(target);
    SELECT p.run INTO in_doubt FROM train.run_participant p JOIN train.run r ON r.id = p.run
    WHERE p.target_id = entry.id AND p.outcome IS NULL AND r.status = 'running';
    IF FOUND THEN
        RAISE EXCEPTION 'target "%" has a part in run %, which is not ended', target, in_doubt
            USING ERRCODE = 'YDT15',
                  DETAIL = 'A transaction may be prepared in it.',
                  HINT = 'End that run first; SELECT * FROM train.in_doubt; has what is open.';
    END IF;
    UPDATE train.target t SET removed_at = clock_timestamp() WHERE t.id = entry.id;
    UPDATE train.realignment r SET state = 'cancelled', ended_at = clock_timestamp(), end_reason = reason
    WHERE r.target_id = entry.id AND r.state IN ('draft', 'signed', 'rehearsed', 'applying', 'applied');
    UPDATE train.freeze f SET cleared_at = clock_timestamp(), cleared_by = session_user, clear_reason = reason
    WHERE f.target_id = entry.id AND f.cleared_at IS NULL;
    PERFORM train._log('remove_target', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, reason, NULL);
END
$function$;
COMMENT ON FUNCTION train.remove_target(text, text) IS 'takes a target off the registry; its history stays';
REVOKE ALL ON FUNCTION train.remove_target(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.remove_target(text, text) TO yesterday_admin;

