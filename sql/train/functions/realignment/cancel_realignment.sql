-- Gives a plan up.
CREATE FUNCTION train.cancel_realignment(realignment bigint, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.realignment;
    its_target train.target;
BEGIN
    PERFORM train._require_reason(reason, 'cancel_realignment');
    PERFORM train._begin_write('cancel_realignment()');
    entry := train._realignment(realignment);
    PERFORM train._require_state(entry, '{draft,signed,rehearsed,applying}', 'cancel_realignment()');
    SELECT t.* INTO STRICT its_target FROM train.target t WHERE t.id = entry.target_id;
    IF entry.state = 'applying' THEN
        -- whoever applies it holds this lock
        PERFORM train._require_group_lock(its_target.group_id, 'cancel_realignment()');
    END IF;
    UPDATE train.realignment r SET state = 'cancelled', ended_at = clock_timestamp(), end_reason = reason WHERE r.id = realignment;
    PERFORM train._log('cancel_realignment', (SELECT g.name FROM train.target_group g WHERE g.id = its_target.group_id), its_target.name, reason,
                       jsonb_build_object('realignment', realignment, 'was', entry.state));
END
$function$;
COMMENT ON FUNCTION train.cancel_realignment(bigint, text) IS 'gives a realignment up';
REVOKE ALL ON FUNCTION train.cancel_realignment(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.cancel_realignment(bigint, text) TO yesterday_operator;

