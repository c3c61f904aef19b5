-- The last look before a realignment is applied: signed, rehearsed, nothing has moved. Called again by who goes
-- on after a crash. What it returns goes into the permit of the target, which checks all of it once more.
CREATE FUNCTION train.begin_apply(realignment bigint, "position" text)
RETURNS TABLE (plan_digest text, covers jsonb, state_digest text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.realignment;
    its_target train.target;
BEGIN
    PERFORM train._begin_write('begin_apply()');
    entry := train._realignment(realignment);
    PERFORM train._require_state(entry, '{rehearsed,applying}', 'begin_apply()');
    SELECT t.* INTO STRICT its_target FROM train.target t WHERE t.id = entry.target_id;
    PERFORM train._require_group_lock(its_target.group_id, 'begin_apply()');
    PERFORM train._require_fresh(entry, "position", 'begin_apply()');
    IF entry.plan_digest IS DISTINCT FROM train._plan_digest(realignment) THEN
        RAISE EXCEPTION 'begin_apply(): the plan was changed after its rehearsal'
            USING ERRCODE = 'YDT11',
                  DETAIL = format('Rehearsed was %s; it is now %s.', entry.plan_digest, train._plan_digest(realignment)),
                  HINT = 'Sign and rehearse it as it is now.';
    END IF;
    IF entry.state = 'rehearsed' THEN
        UPDATE train.realignment r SET state = 'applying' WHERE r.id = realignment;
        PERFORM train._log('begin_apply', (SELECT g.name FROM train.target_group g WHERE g.id = its_target.group_id), its_target.name, entry.reason,
                           jsonb_build_object('realignment', realignment, 'plan_digest', entry.plan_digest));
    END IF;
    RETURN QUERY SELECT entry.plan_digest, train._covers(realignment), entry.rehearsed_state;
END
$function$;
COMMENT ON FUNCTION train.begin_apply(bigint, text) IS 'the last look before a realignment is applied; returns what the permit is for';
REVOKE ALL ON FUNCTION train.begin_apply(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.begin_apply(bigint, text) TO yesterday_operator;

