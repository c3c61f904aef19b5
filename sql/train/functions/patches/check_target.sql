-- What stands against applying a patch to a target now, in the order in which a person would want to know.
CREATE FUNCTION train.check_target(target text, ordinal integer, run bigint DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS TABLE (code text, problem text, hint text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target := train._target(target);
    its_patch train.patch := train._patch(entry.group_id, ordinal);
    stands integer := train._position(entry.applications);
    missing record;
    frozen record;
    its_window record;
BEGIN
    IF entry.state = 'unknown' THEN
        RETURN QUERY SELECT 'YDT13', format('nothing is known about target "%s" yet', target),
                            'Contact it first: yesterday train sync; in SQL train.sync_target() with what yesterday.train_facts() says there.';
    END IF;
    IF NOT entry.dedicated THEN
        RETURN QUERY SELECT 'YD019', format('target "%s" is not dedicated: its rollback would be everybody''s', target),
                            'Give it a database of its own; or, if it has one, yesterday.set_dedicated(true, ''why'') there.';
    END IF;
    IF substr(entry.applications, ordinal, 1) IN ('A', 'R') THEN
        RETURN QUERY SELECT 'YDT12', format('patch %s is in target "%s" already', ordinal, target), 'Nothing to do.';
    ELSIF stands <> ordinal - 1 THEN
        SELECT m.ordinal, m.name, m.status INTO missing FROM train.plan(target) m ORDER BY m.ordinal LIMIT 1;
        RETURN QUERY SELECT 'YDT05', format('target "%s" stands at %s: patch %s "%s" is %s', target, stands, missing.ordinal, missing.name,
                                            replace(missing.status, '_', ' ')),
                            CASE WHEN missing.status IN ('rolled_back', 'missed') THEN format('Realign it: yesterday train plan %s; in SQL train.create_realignment().', train._word(target))
                                 ELSE format('Deploy what comes before first: "%s".', missing.name) END;
    END IF;
    FOR frozen IN SELECT * FROM train.blocking_freezes(target, at)
    LOOP
        RETURN QUERY SELECT 'YDT07', format('%s is frozen since %s%s: %s', frozen.scope, date_trunc('second', frozen.since),
                                            coalesce(', until ' || frozen.until, ''), frozen.reason),
                            CASE frozen.kind WHEN 'target' THEN 'A human clears it in the target: yesterday.clear_freeze(''why'').'
                                 ELSE format('yesterday train clear-freeze %1$s --reason "..." ends it, yesterday train override %1$s --for "2 hours" --reason "..." lets patches land for a while; in SQL train.clear_freeze(), train.override_freeze().', frozen.freeze_id) END;
    END LOOP;
    SELECT w.opens, w.closes INTO its_window FROM train.next_window(target, at) w;
    IF its_window.opens > at AND NOT EXISTS (SELECT FROM train.run r WHERE r.id = run AND r.outside_window IS NOT NULL) THEN
        RETURN QUERY SELECT 'YDT14', format('the maintenance window of target "%s" opens at %s', target, its_window.opens),
                            'Wait for it, or give a reason: --outside-window "..."; in SQL begin_run(outside_window => ''why'').';
    END IF;
END
$function$;
COMMENT ON FUNCTION train.check_target(text, integer, bigint, timestamptz) IS 'what stands against applying a patch to a target now';
REVOKE ALL ON FUNCTION train.check_target(text, integer, bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.check_target(text, integer, bigint, timestamptz) TO yesterday_viewer;

