-- Writes the decision about what an atomic run has prepared, unless there is one: the first holds.
CREATE FUNCTION train._decide(entry train.run, wanted text, reason text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    IF entry.mode <> 'atomic' THEN
        RAISE EXCEPTION 'run % is not an atomic one', entry.id
            USING ERRCODE = 'YDT13',
                  DETAIL = 'Its targets commit by themselves; there is nothing to decide.',
                  HINT = 'begin_run(mode => ''atomic'') begins one that is.';
    END IF;
    IF entry.decision IS NOT NULL THEN
        RETURN entry.decision;
    END IF;
    -- what is committed elsewhere because of it must not outlive it
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    UPDATE train.run r SET decision = wanted, decided_at = clock_timestamp(), decided_by = session_user WHERE r.id = entry.id;
    PERFORM train._log('decide', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), NULL, reason,
                       jsonb_build_object('run', entry.id, 'ordinal', entry.ordinal, 'decision', wanted));
    RETURN wanted;
END
$function$;
COMMENT ON FUNCTION train._decide(train.run, text, text) IS 'writes the decision about an atomic run, unless there is one';
REVOKE ALL ON FUNCTION train._decide(train.run, text, text) FROM PUBLIC;

