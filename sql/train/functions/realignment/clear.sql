-- Records that a target was cleared, which happens in the target itself: yesterday.clear_freeze(). One that no
-- realignment has led back is cleared by an explicit acceptance only.
CREATE FUNCTION train.clear(target text, reason text, accept_unaligned boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target;
    open_one train.realignment;
    is_aligned boolean;
BEGIN
    PERFORM train._require_reason(reason, 'clear');
    PERFORM train._begin_write('clear()');
    entry := train._target(target);
    SELECT r.* INTO open_one FROM train.realignment r
    WHERE r.target_id = entry.id AND r.state IN ('draft', 'signed', 'rehearsed', 'applying', 'applied');
    IF open_one.state = 'applying' THEN
        RAISE EXCEPTION 'realignment % of target "%" is being applied', open_one.id, target
            USING ERRCODE = 'YDT13',
                  DETAIL = 'Whether it landed has to be known first.',
                  HINT = format('Finish it, which finds out: yesterday train apply %s --bundles FOLDER; in SQL the history of the target tells, then train.mark_applied() or train.mark_failed().',
                                train._word(target));
    END IF;
    is_aligned := coalesce(open_one.state = 'applied' AND coalesce(open_one.aligned, true), false)
        OR entry.state = 'frozen' AND coalesce(entry.alignment, 'aligned') = 'aligned';
    IF NOT is_aligned AND NOT coalesce(accept_unaligned, false) AND entry.state <> 'on_train' THEN
        RAISE EXCEPTION 'target "%" is not aligned with its peers', target
            USING ERRCODE = 'YD024',
                  DETAIL = coalesce('Not in it: ' || (SELECT string_agg(format('%s "%s" (%s)', p.ordinal, p.name, replace(p.status, '_', ' ')), ', ' ORDER BY p.ordinal)
                                                     FROM train.plan(target) p) || '.', 'Its realignment ended with another portable digest than its peer has.'),
                  HINT = format('Realign it: yesterday train plan %1$s. Or accept it as it is, which stays on the board: yesterday train clear %1$s --accept-unaligned --reason "..."; in SQL accept_unaligned => true.', train._word(target));
    END IF;
    UPDATE train.realignment r
    SET state = CASE r.state WHEN 'applied' THEN 'cleared' ELSE 'cancelled' END, ended_at = clock_timestamp(), end_reason = reason
    WHERE r.id = open_one.id;
    IF coalesce(accept_unaligned, false) AND NOT is_aligned THEN
        UPDATE train.target t SET alignment = format('accepted: %s', reason) WHERE t.id = entry.id;
    END IF;
    PERFORM train._log('clear', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, reason,
        jsonb_build_object('aligned', is_aligned, 'accept_unaligned', coalesce(accept_unaligned, false), 'realignment', open_one.id));
END
$function$;
COMMENT ON FUNCTION train.clear(text, text, boolean) IS 'records that a target was cleared and is back on the train';
REVOKE ALL ON FUNCTION train.clear(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.clear(text, text, boolean) TO yesterday_admin;

