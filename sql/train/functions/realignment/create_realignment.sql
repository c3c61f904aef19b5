-- Plans the way back of a target: what it rolled back and what it missed, in order.
CREATE FUNCTION train.create_realignment(target text, reason text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target;
    open_one record;
    new_id bigint;
BEGIN
    PERFORM train._require_reason(reason, 'create_realignment');
    PERFORM train._begin_write('create_realignment()');
    entry := train._target(target);
    SELECT r.id, r.state INTO open_one FROM train.realignment r
    WHERE r.target_id = entry.id AND r.state IN ('draft', 'signed', 'rehearsed', 'applying', 'applied');
    IF FOUND THEN
        RAISE EXCEPTION 'realignment % of target "%" is under way: %', open_one.id, target, open_one.state
            USING ERRCODE = 'YDT13',
                  DETAIL = 'A target has one way back at a time.',
                  HINT = CASE open_one.state WHEN 'applied' THEN format('Clear the target: yesterday train clear %s --reason "..."; in SQL yesterday.clear_freeze(''why'') there, then train.clear().', train._word(target))
                              ELSE format('Go on with it, or give it up: yesterday train cancel %s --reason "..."; in SQL train.cancel_realignment(%s, ''why'').', train._word(target), open_one.id) END;
    END IF;
    IF entry.state <> 'off_train' THEN
        RAISE EXCEPTION 'target "%" is not off the train', target
            USING ERRCODE = 'YDT13',
                  DETAIL = format('It is %s, as seen at %s.', train._state_words(entry.state), coalesce(entry.last_contact::text, 'no time yet')),
                  HINT = CASE entry.state WHEN 'frozen' THEN 'It is frozen by hand; there: yesterday clear --reason "...", in SQL yesterday.clear_freeze(''why'').'
                              ELSE 'If a rollback has just happened: yesterday train sync, in SQL train.sync_target(). What is pending is deployed in the ordinary way.' END;
    END IF;
    -- a way back that leaves out what the peers have leads nowhere
    PERFORM train._require_remembered(g, (SELECT 1 + coalesce(max(p.ordinal), 0) FROM train.patch p WHERE p.group_id = g.id)::integer, NULL)
    FROM train.target_group g WHERE g.id = entry.group_id;
    INSERT INTO train.realignment AS r (target_id, reason, "position", through)
    VALUES (entry.id, reason, entry.state_position, train._way_through(entry))
    RETURNING r.id INTO new_id;
    INSERT INTO train.realignment_step (realignment, step, kind, ordinal, name, patch_kind, digest, artifacts, manifest, note)
    SELECT new_id, w.step, w.kind, (w.patch).ordinal, (w.patch).name, (w.patch).kind, (w.patch).digest, (w.patch).artifacts,
           (w.patch).manifest, (w.patch).note
    FROM train._way_back(entry) w;
    PERFORM train._log('create_realignment', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, reason,
        jsonb_build_object('realignment', new_id, 'position', entry.state_position, 'steps',
            (SELECT jsonb_agg(jsonb_build_object('step', s.step, 'kind', s.kind, 'ordinal', s.ordinal, 'name', s.name) ORDER BY s.step)
             FROM train.realignment_step s WHERE s.realignment = new_id)));
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION train.create_realignment(text, text) IS 'plans the way of a target back onto the train';
REVOKE ALL ON FUNCTION train.create_realignment(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.create_realignment(text, text) TO yesterday_operator;

