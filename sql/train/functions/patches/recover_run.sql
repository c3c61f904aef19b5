-- After a crash: what becomes of what is still prepared. No decision on record and nothing committed: all of it
-- is rolled back, and that is on record before it happens. Something committed although no decision is on record
-- (the registry was restored from an older backup): then it had been decided.
CREATE FUNCTION train.recover_run(run bigint, any_committed boolean)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.run;
BEGIN
    IF any_committed IS NULL THEN
        RAISE EXCEPTION 'recover_run() has to know whether a participant has committed'
            USING ERRCODE = 'YD022',
                  DETAIL = 'One that cannot be reached may have.',
                  HINT = 'Look into the history of every participant; where one cannot be reached, wait for it.';
    END IF;
    entry := train._locked_run(run, 'recover_run()');
    IF entry.decision = 'rollback' AND any_committed THEN
        RAISE EXCEPTION 'run % was decided to be rolled back, and a participant has committed', run
            USING ERRCODE = 'YDT15',
                  DETAIL = format('Decided at %s by %s. Somebody has typed COMMIT PREPARED there.', entry.decided_at, entry.decided_by),
                  HINT = 'Roll that target back (rollback_last()), and the prepared rest of this run (ROLLBACK PREPARED).';
    END IF;
    RETURN train._decide(entry, CASE WHEN any_committed THEN 'commit' ELSE 'rollback' END, 'recovered after an interruption');
END
$function$;
COMMENT ON FUNCTION train.recover_run(bigint, boolean) IS 'what becomes of what an interrupted atomic run has prepared';
REVOKE ALL ON FUNCTION train.recover_run(bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.recover_run(bigint, boolean) TO yesterday_deployer, yesterday_operator;

