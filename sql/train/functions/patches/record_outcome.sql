-- What became of the prepared transaction of one participant.
CREATE FUNCTION train.record_outcome(run bigint, target text, outcome text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.run;
    part train.run_participant;
BEGIN
    IF outcome IS NULL OR outcome NOT IN ('committed', 'rolled_back') THEN
        RAISE EXCEPTION 'outcome => % is not known', coalesce(quote_literal(outcome), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'What was prepared has been committed or rolled back.',
                  HINT = 'Use ''committed'' or ''rolled_back''.';
    END IF;
    entry := train._locked_run(run, 'record_outcome()');
    SELECT p.* INTO part FROM train.run_participant p JOIN train.target t ON t.id = p.target_id
    WHERE p.run = run AND t.name = target;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'target "%" has no part in run %', target, run
            USING ERRCODE = 'YDT01',
                  DETAIL = 'The participants of an atomic run are named when it begins.',
                  HINT = format('SELECT target FROM train.in_doubt WHERE run = %s;', run);
    END IF;
    IF part.outcome = outcome THEN
        RETURN;
    END IF;
    IF part.outcome IS NOT NULL OR outcome <> (CASE entry.decision WHEN 'commit' THEN 'committed' WHEN 'rollback' THEN 'rolled_back' ELSE '' END) THEN
        RAISE EXCEPTION 'target "%" cannot be "%" in run %', target, outcome, run
            USING ERRCODE = 'YDT15',
                  DETAIL = format('The decision is %s, the outcome on record %s.', coalesce(entry.decision, 'not made yet'), coalesce(part.outcome, 'none')),
                  HINT = 'Decide first: train.decide() or train.recover_run(). If the target really did the other thing, roll it back there.';
    END IF;
    UPDATE train.run_participant p SET outcome = outcome, recorded_at = clock_timestamp()
    WHERE p.run = run AND p.target_id = part.target_id;
    PERFORM train._log('outcome', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, NULL,
                       jsonb_build_object('run', run, 'outcome', outcome, 'gid', part.gid));
END
$function$;
COMMENT ON FUNCTION train.record_outcome(bigint, text, text) IS 'records what became of the prepared transaction of a participant';
REVOKE ALL ON FUNCTION train.record_outcome(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.record_outcome(bigint, text, text) TO yesterday_deployer, yesterday_operator;

