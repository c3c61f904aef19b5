-- The realignment has committed in the target: its patches are there, and the fix is the next one of the train,
-- for the peers.
CREATE FUNCTION train.mark_applied(realignment bigint, deployment bigint, portable_digest text DEFAULT NULL,
                                   peer text DEFAULT NULL, aligned boolean DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.realignment;
    its_target train.target;
    its_group train.target_group;
    one train.realignment_step;
    new_ordinal integer;
BEGIN
    IF deployment IS NULL THEN
        RAISE EXCEPTION 'mark_applied() needs the deployment of the target'
            USING ERRCODE = 'YD022',
                  DETAIL = 'By its id a rollback of it is recognised later.',
                  HINT = 'It is what yesterday.begin_realignment() returned there.';
    END IF;
    PERFORM train._begin_write('mark_applied()');
    entry := train._realignment(realignment);
    IF entry.state IN ('applied', 'cleared') AND entry.deployment = deployment THEN
        RETURN;
    END IF;
    PERFORM train._require_state(entry, '{applying}', 'mark_applied()');
    SELECT t.* INTO STRICT its_target FROM train.target t WHERE t.id = entry.target_id;
    SELECT g.* INTO STRICT its_group FROM train.target_group g WHERE g.id = its_target.group_id;
    PERFORM train._require_group_lock(its_group.id, 'mark_applied()');
    FOR one IN SELECT s.* FROM train.realignment_step s WHERE s.realignment = realignment ORDER BY s.step
    LOOP
        new_ordinal := one.ordinal;
        IF one.kind = 'fix' THEN
            new_ordinal := train._release(its_group, one.name, one.patch_kind, one.digest, NULL, one.artifacts, one.manifest, one.note, NULL, realignment);
            UPDATE train.realignment_step s SET ordinal = new_ordinal WHERE s.realignment = realignment AND s.step = one.step;
        END IF;
        PERFORM train._set_application(its_target.id, new_ordinal, 'realigned', deployment, realignment, NULL, NULL, NULL, NULL);
        PERFORM train._log('realigned', its_group.name, its_target.name, NULL, jsonb_build_object(
            'ordinal', new_ordinal, 'patch', one.name, 'deployment', deployment, 'realignment', realignment));
    END LOOP;
    UPDATE train.realignment r
    SET state = 'applied', deployment = deployment, portable_digest = portable_digest, peer = peer, aligned = aligned,
        applied_at = clock_timestamp(), applied_by = session_user
    WHERE r.id = realignment;
    PERFORM train._log('apply_realignment', its_group.name, its_target.name, entry.reason, jsonb_build_object(
        'realignment', realignment, 'deployment', deployment, 'peer', peer, 'aligned', aligned, 'portable_digest', portable_digest));
END
$function$;
COMMENT ON FUNCTION train.mark_applied(bigint, bigint, text, text, boolean) IS 'records that a realignment has committed in its target';
REVOKE ALL ON FUNCTION train.mark_applied(bigint, bigint, text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.mark_applied(bigint, bigint, text, text, boolean) TO yesterday_operator;

