-- Takes the last patch off the train again: one that landed nowhere would bar the way of every later one.
CREATE FUNCTION train.withdraw_patch(group_name text, ordinal integer, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    its_group train.target_group;
    its_patch train.patch;
    last_one train.patch;
    landed text;
    open_run bigint;
BEGIN
    PERFORM train._require_reason(reason, 'withdraw_patch');
    PERFORM train._begin_write('withdraw_patch()');
    its_group := train._group(group_name);
    its_patch := train._patch(its_group.id, ordinal);
    PERFORM train._require_group_lock(its_group.id, 'withdraw_patch()');
    SELECT p.* INTO last_one FROM train.patch p WHERE p.group_id = its_group.id ORDER BY p.ordinal DESC LIMIT 1;
    IF last_one.ordinal <> ordinal THEN
        RAISE EXCEPTION 'patch % "%" is not the last one of group "%"', ordinal, its_patch.name, group_name
            USING ERRCODE = 'YDT05',
                  DETAIL = format('The last one is %s, "%s".', last_one.ordinal, last_one.name),
                  HINT = 'Ordinals have no gaps: withdraw what comes after it first.';
    END IF;
    SELECT string_agg(format('%s (%s)', t.name, replace(a.status, '_', ' ')), ', ' ORDER BY t.name) INTO landed
    FROM train.application a JOIN train.target t ON t.id = a.target_id
    WHERE t.group_id = its_group.id AND a.ordinal = ordinal AND a.status NOT IN ('failed', 'diverged', 'missed');
    IF landed IS NOT NULL OR its_patch.realignment IS NOT NULL THEN
        RAISE EXCEPTION 'patch % "%" has landed, or may have', ordinal, its_patch.name
            USING ERRCODE = 'YDT13',
                  DETAIL = coalesce(format('On %s.', landed), format('It is the fix of realignment %s.', its_patch.realignment)),
                  HINT = 'What a target had stays on the train. Release what mends it as the next patch.';
    END IF;
    SELECT r.id INTO open_run FROM train.run r
    WHERE r.group_id = its_group.id AND r.ordinal = ordinal AND r.status = 'running' AND r.mode = 'atomic';
    IF FOUND THEN
        RAISE EXCEPTION 'atomic run % of patch % is not ended', open_run, ordinal
            USING ERRCODE = 'YDT15',
                  DETAIL = 'Transactions may be prepared in its targets.',
                  HINT = format('Recover it first: yesterday train recover; in SQL SELECT * FROM train.in_doubt WHERE run = %s; has what is open.', open_run);
    END IF;
    UPDATE train.run r
    SET status = CASE r.status WHEN 'running' THEN 'stopped' ELSE r.status END, ended_at = coalesce(r.ended_at, clock_timestamp()),
        detail = concat_ws('; ', r.detail, format('of "%s", which was withdrawn', its_patch.name))
    WHERE r.group_id = its_group.id AND r.ordinal = ordinal;
    DELETE FROM train.application a USING train.target t
    WHERE t.id = a.target_id AND t.group_id = its_group.id AND a.ordinal = ordinal;
    UPDATE train.target t SET applications = left(t.applications, ordinal - 1) WHERE t.group_id = its_group.id;
    DELETE FROM train.patch p WHERE p.group_id = its_group.id AND p.ordinal = ordinal;
    PERFORM train._log('withdraw_patch', group_name, NULL, reason,
                       jsonb_build_object('ordinal', ordinal, 'name', its_patch.name, 'digest', its_patch.digest));
END
$function$;
COMMENT ON FUNCTION train.withdraw_patch(text, integer, text) IS 'takes the last patch off the train again, as long as no target ever had it';
REVOKE ALL ON FUNCTION train.withdraw_patch(text, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.withdraw_patch(text, integer, text) TO yesterday_deployer, yesterday_operator;
