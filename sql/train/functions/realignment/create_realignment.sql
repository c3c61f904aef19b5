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
    through integer;
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
                  HINT = CASE open_one.state WHEN 'applied' THEN 'Clear the target: yesterday.clear_freeze(''why'') there, then train.clear().'
                              ELSE format('Go on with it, or SELECT train.cancel_realignment(%s, ''why'');', open_one.id) END;
    END IF;
    IF entry.state <> 'off_train' THEN
        RAISE EXCEPTION 'target "%" is not off the train', target
            USING ERRCODE = 'YDT13',
                  DETAIL = format('It is %s, as seen at %s.', train._state_words(entry.state), coalesce(entry.last_contact::text, 'no time yet')),
                  HINT = CASE entry.state WHEN 'frozen' THEN 'It is frozen by hand: yesterday.clear_freeze(''why'') there.'
                              ELSE 'If a rollback has just happened, contact it: train.sync_target(). What is pending is deployed in the ordinary way.' END;
    END IF;
    -- as far as the peers are, and as far as it has ever been
    SELECT greatest(train._peers_position(entry.group_id, entry.id), coalesce(max(a.ordinal), 0)) INTO through
    FROM train.application a WHERE a.target_id = entry.id;
    INSERT INTO train.realignment AS r (target_id, reason, "position", through)
    VALUES (entry.id, reason, entry.state_position, through)
    RETURNING r.id INTO new_id;
    INSERT INTO train.realignment_step (realignment, step, kind, ordinal, name, patch_kind, digest, artifacts, manifest, note)
    SELECT new_id, row_number() OVER (ORDER BY p.ordinal), CASE a.status WHEN 'rolled_back' THEN 'rolled_back' ELSE 'missed' END,
           p.ordinal, p.name, p.kind, p.digest, p.artifacts, p.manifest, p.note
    FROM train.patch p LEFT JOIN train.application a ON a.target_id = entry.id AND a.ordinal = p.ordinal
    WHERE p.group_id = entry.group_id AND p.ordinal <= through AND coalesce(a.status, 'pending') NOT IN ('applied', 'realigned');
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

