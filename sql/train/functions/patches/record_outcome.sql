-- What became of the prepared transaction of one participant. Lost is what was to be committed and is not there any
-- more: somebody rolled it back by hand, or the database is an older copy.
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
    IF outcome IS NULL OR outcome NOT IN ('committed', 'rolled_back', 'lost') THEN
        RAISE EXCEPTION 'outcome => % is not known', coalesce(quote_literal(outcome), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'What was prepared has been committed or rolled back.',
                  HINT = 'Use ''committed'' or ''rolled_back''; ''lost'' for what was to be committed and is gone.';
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
    IF part.outcome IS NOT NULL OR NOT outcome = ANY (CASE entry.decision WHEN 'commit' THEN '{committed,lost}' WHEN 'rollback' THEN '{rolled_back}' ELSE '{}' END::text[]) THEN
        RAISE EXCEPTION 'target "%" cannot be "%" in run %', target, outcome, run
            USING ERRCODE = 'YDT15',
                  DETAIL = format('The decision is %s, the outcome on record %s.', coalesce(entry.decision, 'not made yet'), coalesce(part.outcome, 'none')),
                  HINT = 'Decide first: train.decide() or train.recover_run(). If the target really did the other thing, roll it back there; if what was to be committed is gone, it is ''lost''.';
    END IF;
    UPDATE train.run_participant p SET outcome = outcome, recorded_at = clock_timestamp()
    WHERE p.run = run AND p.target_id = part.target_id;
    -- nobody is at it any more
    IF outcome <> 'committed' AND EXISTS (SELECT FROM train.application a
                                          WHERE a.target_id = part.target_id AND a.ordinal = entry.ordinal AND a.status = 'applying') THEN
        PERFORM train._set_application(part.target_id, entry.ordinal, 'failed', NULL, NULL, run, NULL, NULL,
            CASE outcome WHEN 'lost' THEN 'what was prepared there is gone: rolled back by hand, or the database is an older copy'
                         ELSE 'the atomic deployment was rolled back on all targets' END);
    END IF;
    PERFORM train._log('outcome', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, NULL,
                       jsonb_build_object('run', run, 'outcome', outcome, 'gid', part.gid));
END
$function$;
COMMENT ON FUNCTION train.record_outcome(bigint, text, text) IS 'records what became of the prepared transaction of a participant';
REVOKE ALL ON FUNCTION train.record_outcome(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.record_outcome(bigint, text, text) TO yesterday_deployer, yesterday_operator;

