-- What a rehearsal on the target's own state has shown. Only one that succeeded counts.
CREATE FUNCTION train.record_rehearsal(realignment bigint, plan_digest text, "position" text, state_digest text,
                                       succeeded boolean, figures jsonb DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.realignment;
    its_target train.target;
BEGIN
    PERFORM train._begin_write('record_rehearsal()');
    entry := train._realignment(realignment);
    PERFORM train._require_state(entry, '{signed,rehearsed}', 'record_rehearsal()');
    IF plan_digest IS DISTINCT FROM train._plan_digest(realignment) THEN
        RAISE EXCEPTION 'record_rehearsal(): another plan was rehearsed'
            USING ERRCODE = 'YDT11',
                  DETAIL = format('Its digest is %s; that of realignment %s is %s.', coalesce(plan_digest, 'NULL'), realignment, train._plan_digest(realignment)),
                  HINT = 'Rehearse the plan as it is now.';
    END IF;
    PERFORM train._require_fresh(entry, "position", 'record_rehearsal()');
    IF succeeded AND state_digest IS NULL THEN
        RAISE EXCEPTION 'a rehearsal needs the digest of the state that it was made on'
            USING ERRCODE = 'YD022',
                  DETAIL = 'By it a change of the target since is noticed.',
                  HINT = 'SELECT yesterday.state_digest(); before the rehearsal.';
    END IF;
    SELECT t.* INTO STRICT its_target FROM train.target t WHERE t.id = entry.target_id;
    UPDATE train.realignment r
    SET state = CASE WHEN succeeded THEN 'rehearsed' ELSE 'signed' END, plan_digest = plan_digest, rehearsed_at = clock_timestamp(),
        rehearsed_by = session_user, rehearsed_position = "position", rehearsed_state = state_digest, rehearsal = figures
    WHERE r.id = realignment;
    PERFORM train._log('rehearse', (SELECT g.name FROM train.target_group g WHERE g.id = its_target.group_id), its_target.name, NULL,
        jsonb_build_object('realignment', realignment, 'succeeded', coalesce(succeeded, false), 'plan_digest', plan_digest, 'state_digest', state_digest, 'figures', figures));
END
$function$;
COMMENT ON FUNCTION train.record_rehearsal(bigint, text, text, text, boolean, jsonb) IS 'records what a rehearsal of a realignment has shown';
REVOKE ALL ON FUNCTION train.record_rehearsal(bigint, text, text, text, boolean, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.record_rehearsal(bigint, text, text, text, boolean, jsonb) TO yesterday_operator;

