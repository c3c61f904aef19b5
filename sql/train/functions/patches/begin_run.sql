-- Begins a group deploy, or goes on with the one that was interrupted.
CREATE FUNCTION train.begin_run(
    group_name text, ordinal integer, mode text DEFAULT 'each', participants jsonb DEFAULT NULL,
    outside_window text DEFAULT NULL, options jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    its_group train.target_group;
    its_patch train.patch;
    known record;
    one record;
    new_id bigint;
    mine jsonb;
BEGIN
    IF mode IS NULL OR mode NOT IN ('each', 'atomic') THEN
        RAISE EXCEPTION 'mode => % is not known', coalesce(quote_literal(mode), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'Every target commits by itself, or all or none.',
                  HINT = 'Use ''each'' or ''atomic''.';
    END IF;
    IF (mode = 'atomic') <> (coalesce(jsonb_typeof(participants), '') = 'array' AND participants <> '[]') THEN
        RAISE EXCEPTION 'an atomic run, and no other, names its participants'
            USING ERRCODE = 'YD022',
                  DETAIL = 'They are what has to be looked after when it is interrupted.',
                  HINT = 'participants => ''[{"target": "partner 7", "gid": "name of the prepared transaction"}]''.';
    END IF;
    IF outside_window IS NOT NULL THEN
        PERFORM train._require_reason(outside_window, 'a run outside the maintenance windows');
        IF NOT pg_has_role(train._caller(), 'yesterday_operator', 'USAGE') THEN
            RAISE EXCEPTION 'a run outside the maintenance windows needs the role yesterday_operator'
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = format('%s deploys within them.', train._caller()),
                      HINT = 'Ask an operator, or wait: without a reason the same command says when each window opens; in SQL train.next_window().';
        END IF;
    END IF;
    PERFORM train._begin_write('begin_run()');
    its_group := train._group(group_name);
    PERFORM train._require_group_lock(its_group.id, 'begin_run()');
    its_patch := train._patch(its_group.id, ordinal);

    SELECT r.id, r.ordinal INTO known FROM train.run r
    WHERE r.group_id = its_group.id AND r.mode = 'atomic' AND r.status = 'running';
    IF FOUND AND (mode <> 'atomic' OR known.ordinal <> ordinal) THEN
        RAISE EXCEPTION 'atomic run % of patch % is not ended', known.id, known.ordinal
            USING ERRCODE = 'YDT15',
                  DETAIL = 'Transactions may be prepared in its targets, and hold their locks.',
                  HINT = format('Recover it first: yesterday train recover; in SQL SELECT * FROM train.in_doubt WHERE run = %s; has what is open.', known.id);
    END IF;
    SELECT r.id INTO known FROM train.run r
    WHERE r.group_id = its_group.id AND r.ordinal = ordinal AND r.mode = mode AND r.status = 'running'
    ORDER BY r.id DESC LIMIT 1;
    IF FOUND THEN
        SELECT jsonb_agg(jsonb_build_object('target', t.name, 'gid', p.gid) ORDER BY t.name) INTO mine
        FROM train.run_participant p JOIN train.target t ON t.id = p.target_id WHERE p.run = known.id;
        IF mode = 'atomic' AND mine IS DISTINCT FROM
           (SELECT jsonb_agg(jsonb_build_object('target', e->>'target', 'gid', e->>'gid') ORDER BY e->>'target') FROM jsonb_array_elements(participants) e)
        THEN
            RAISE EXCEPTION 'atomic run % of patch % is not ended, and has other participants', known.id, ordinal
                USING ERRCODE = 'YDT15',
                      DETAIL = format('It has %s.', mine),
                      HINT = format('Recover it first: yesterday train recover; in SQL SELECT * FROM train.in_doubt WHERE run = %s; has what is open.', known.id);
        END IF;
        UPDATE train.run r SET outside_window = coalesce(outside_window, r.outside_window) WHERE r.id = known.id;
        PERFORM train._log('resume_run', group_name, NULL, outside_window, jsonb_build_object('run', known.id, 'ordinal', ordinal));
        RETURN known.id;
    END IF;
    INSERT INTO train.run AS r (group_id, ordinal, mode, options, outside_window)
    VALUES (its_group.id, ordinal, mode, options, outside_window)
    RETURNING r.id INTO new_id;
    FOR one IN SELECT e->>'target' AS target, e->>'gid' AS gid FROM jsonb_array_elements(participants) e
    LOOP
        IF coalesce(one.gid, '') = '' OR octet_length(one.gid) > 199 THEN
            RAISE EXCEPTION 'target "%" has no usable name for its prepared transaction', one.target
                USING ERRCODE = 'YD022',
                      DETAIL = format('Given was %s.', coalesce(quote_literal(one.gid), 'NULL')),
                      HINT = 'Give each a "gid" of its own, of at most 199 bytes.';
        END IF;
        IF (train._target(one.target)).group_id <> its_group.id THEN
            RAISE EXCEPTION 'target "%" is not in group "%"', one.target, group_name
                USING ERRCODE = 'YDT01',
                      DETAIL = 'A run has targets of its group.',
                      HINT = 'SELECT target FROM train.targets WHERE group_name = ...;';
        END IF;
        INSERT INTO train.run_participant (run, target_id, gid)
        VALUES (new_id, (train._target(one.target)).id, one.gid);
    END LOOP;
    PERFORM train._log('begin_run', group_name, NULL, outside_window, jsonb_build_object(
        'run', new_id, 'ordinal', ordinal, 'patch', its_patch.name, 'mode', mode, 'participants', participants, 'options', options));
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION train.begin_run(text, integer, text, jsonb, text, jsonb) IS 'begins a group deploy, or goes on with one that was interrupted';
REVOKE ALL ON FUNCTION train.begin_run(text, integer, text, jsonb, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.begin_run(text, integer, text, jsonb, text, jsonb) TO yesterday_deployer, yesterday_operator;

