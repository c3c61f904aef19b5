-- Ends a group deploy.
CREATE FUNCTION train.end_run(run bigint, status text DEFAULT 'done', detail text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.run;
    left_over text;
BEGIN
    IF status IS NULL OR status NOT IN ('done', 'failed', 'stopped') THEN
        RAISE EXCEPTION 'status => % is not known', coalesce(quote_literal(status), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'A run is done, failed or stopped.',
                  HINT = 'Use ''done'', ''failed'' or ''stopped''.';
    END IF;
    PERFORM train._begin_write('end_run()');
    entry := train._run(run);
    IF entry.status = status THEN
        RETURN;
    END IF;
    IF entry.status <> 'running' THEN
        RAISE EXCEPTION 'run % has ended already: %', run, entry.status
            USING ERRCODE = 'YDT13',
                  DETAIL = format('At %s.', entry.ended_at),
                  HINT = 'SELECT * FROM train.runs; has every run.';
    END IF;
    PERFORM train._require_group_lock(entry.group_id, 'end_run()');
    SELECT string_agg(t.name, ', ' ORDER BY t.name) INTO left_over
    FROM train.run_participant p JOIN train.target t ON t.id = p.target_id
    WHERE p.run = run AND p.outcome IS NULL;
    IF left_over IS NOT NULL THEN
        RAISE EXCEPTION 'run % has participants without outcome', run
            USING ERRCODE = 'YDT15',
                  DETAIL = format('They are %s. The decision is: %s.', left_over, coalesce(entry.decision, 'none yet')),
                  HINT = format('SELECT train.recover_run(%s, any_committed => ...); then COMMIT PREPARED or ROLLBACK PREPARED in each, and train.record_outcome().', run);
    END IF;
    UPDATE train.run r SET status = status, ended_at = clock_timestamp(), detail = detail WHERE r.id = run;
    PERFORM train._log('end_run', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), NULL, detail,
                       jsonb_build_object('run', run, 'ordinal', entry.ordinal, 'status', status));
END
$function$;
COMMENT ON FUNCTION train.end_run(bigint, text, text) IS 'ends a group deploy';
REVOKE ALL ON FUNCTION train.end_run(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.end_run(bigint, text, text) TO yesterday_deployer, yesterday_operator;

