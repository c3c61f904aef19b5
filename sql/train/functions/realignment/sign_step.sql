-- A person answers for a step, with name and reason. One after another: who signs a step has what comes before it.
CREATE FUNCTION train.sign_step(realignment bigint, step integer, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.realignment;
    its_step train.realignment_step;
    its_target train.target;
    before integer;
BEGIN
    PERFORM train._require_reason(reason, 'sign_step');
    PERFORM train._begin_write('sign_step()');
    entry := train._realignment(realignment);
    PERFORM train._require_state(entry, '{draft}', 'sign_step()');
    SELECT s.* INTO its_step FROM train.realignment_step s WHERE s.realignment = realignment AND s.step = step;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'realignment % has no step %', realignment, step
            USING ERRCODE = 'YDT01',
                  DETAIL = format('Its last one is %s.', (SELECT coalesce(max(s.step), 0) FROM train.realignment_step s WHERE s.realignment = realignment)),
                  HINT = format('yesterday train plan %s shows them; in SQL SELECT step, kind, name, signed_by FROM train.realignment_steps WHERE realignment = %s;',
                                train._word(entry), realignment);
    END IF;
    IF its_step.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'step % "%" is signed already', step, its_step.name
            USING ERRCODE = 'YDT13',
                  DETAIL = format('At %s by %s: %s', its_step.signed_at, its_step.signed_by, its_step.sign_reason),
                  HINT = 'Nothing to do.';
    END IF;
    SELECT min(s.step) INTO before FROM train.realignment_step s
    WHERE s.realignment = realignment AND s.step < step AND s.signed_at IS NULL;
    IF before IS NOT NULL THEN
        RAISE EXCEPTION 'step % cannot be signed before step %', step, before
            USING ERRCODE = 'YDT05',
                  DETAIL = 'Steps are applied in order, and build on one another.',
                  HINT = format('yesterday train approve %s --step %s --reason "..."; in SQL train.sign_step(%s, %s, ''why'').', train._word(entry), before, realignment, before);
    END IF;
    SELECT t.* INTO STRICT its_target FROM train.target t WHERE t.id = entry.target_id;
    UPDATE train.realignment_step s
    SET signed_at = clock_timestamp(), signed_by = session_user, signed_role = train._caller(), sign_reason = reason
    WHERE s.realignment = realignment AND s.step = step;
    UPDATE train.realignment r SET state = 'signed'
    WHERE r.id = realignment
      AND NOT EXISTS (SELECT FROM train.realignment_step s WHERE s.realignment = realignment AND s.signed_at IS NULL);
    PERFORM train._log('sign_step', (SELECT g.name FROM train.target_group g WHERE g.id = its_target.group_id), its_target.name, reason,
                       jsonb_build_object('realignment', realignment, 'step', step, 'name', its_step.name, 'digest', its_step.digest));
END
$function$;
COMMENT ON FUNCTION train.sign_step(bigint, integer, text) IS 'signs a step of a plan, with name and reason';
REVOKE ALL ON FUNCTION train.sign_step(bigint, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.sign_step(bigint, integer, text) TO yesterday_operator;

