-- For a while a freeze does not count: a decision with a name and a reason.
CREATE FUNCTION train.override_freeze(freeze_id bigint, reason text, expires_at timestamptz, target text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.freeze;
    its_target train.target;
    new_id bigint;
BEGIN
    PERFORM train._require_reason(reason, 'override_freeze');
    IF expires_at IS NULL OR expires_at <= clock_timestamp() OR NOT isfinite(expires_at) THEN
        RAISE EXCEPTION 'an override needs an end that is to come'
            USING ERRCODE = 'YD022',
                  DETAIL = format('Given was %s.', coalesce(expires_at::text, 'NULL')),
                  HINT = 'For example --for "2 hours", in SQL now() + ''2 hours''; a freeze that is over is cleared.';
    END IF;
    PERFORM train._begin_write('override_freeze()');
    entry := train._freeze(freeze_id);
    IF target IS NOT NULL THEN
        its_target := train._target(target);
        IF its_target.id IS DISTINCT FROM entry.target_id AND its_target.group_id IS DISTINCT FROM entry.group_id THEN
            RAISE EXCEPTION 'freeze % is not about target "%"', freeze_id, target
                USING ERRCODE = 'YDT01',
                      DETAIL = format('It says: %s', entry.reason),
                      HINT = format('yesterday target show %s names what keeps patches from it; in SQL SELECT * FROM train.blocking_freezes(%L);', train._word(target), target);
        END IF;
    END IF;
    INSERT INTO train.freeze_override AS o (freeze_id, target_id, reason, expires_at, made_role)
    VALUES (freeze_id, its_target.id, reason, expires_at, train._caller())
    RETURNING o.id INTO new_id;
    PERFORM train._log('override_freeze',
        (SELECT g.name FROM train.target_group g
         WHERE g.id = coalesce(entry.group_id, (SELECT t.group_id FROM train.target t WHERE t.id = entry.target_id))),
        coalesce(target, (SELECT t.name FROM train.target t WHERE t.id = entry.target_id)), reason,
        jsonb_build_object('freeze', freeze_id, 'expires_at', expires_at, 'was', entry.reason));
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION train.override_freeze(bigint, text, timestamptz, text) IS 'for a while a freeze does not count';
REVOKE ALL ON FUNCTION train.override_freeze(bigint, text, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.override_freeze(bigint, text, timestamptz, text) TO yesterday_admin;

