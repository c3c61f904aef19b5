-- Lets one realignment land in this database while it is off the train: of this plan, at this position, for a while.
CREATE FUNCTION yesterday.grant_permit(plan_digest text, "position" text, reason text, covers jsonb,
                                       expires_at timestamptz DEFAULT now() + interval '1 hour', state_digest text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    current record;
    new_id bigint;
BEGIN
    PERFORM yesterday._require_reason(reason, 'grant_permit');
    IF coalesce(btrim(plan_digest), '') = '' OR jsonb_typeof(covers) IS DISTINCT FROM 'array' OR covers = '[]' THEN
        RAISE EXCEPTION 'a permit is for a plan and for what it covers'
            USING ERRCODE = 'YD022',
                  DETAIL = format('Given were plan digest %s and covers %s.', coalesce(quote_literal(plan_digest), 'NULL'), coalesce(covers::text, 'NULL')),
                  HINT = 'train.begin_apply() in the registry returns both.';
    END IF;
    IF expires_at IS NULL OR expires_at <= clock_timestamp() OR NOT isfinite(expires_at) THEN
        RAISE EXCEPTION 'a permit needs an end that is to come'
            USING ERRCODE = 'YD022',
                  DETAIL = format('Given was %s.', coalesce(expires_at::text, 'NULL')),
                  HINT = 'Leave it out: an hour from now.';
    END IF;
    PERFORM yesterday._lock_target('grant_permit()');
    SELECT * INTO current FROM yesterday._state();
    IF current.state <> 'off_train' THEN
        RAISE EXCEPTION 'this target is not off the train'
            USING ERRCODE = 'YD022',
                  DETAIL = CASE current.state WHEN 'frozen' THEN format('It is frozen by hand since %s, by %s: %s', current.since, current.set_by, current.reason)
                                              ELSE 'Deployments land in the ordinary way.' END,
                  HINT = CASE current.state WHEN 'frozen' THEN 'A realignment does not pass a freeze by hand: SELECT yesterday.clear_freeze(''why'');'
                                            ELSE 'SELECT yesterday.begin_deployment(''name'');' END;
    END IF;
    IF "position" IS DISTINCT FROM yesterday.position() THEN
        RAISE EXCEPTION 'this target is not at position %', coalesce("position", 'NULL')
            USING ERRCODE = 'YD023',
                  DETAIL = format('It is at %s.', yesterday.position()),
                  HINT = 'Look at what has happened since (yesterday.events), and plan anew.';
    END IF;
    UPDATE yesterday.permit p SET void_at = clock_timestamp(), void_reason = 'another one was granted'
    WHERE p.used_at IS NULL AND p.void_at IS NULL;
    INSERT INTO yesterday.permit AS p (plan_digest, "position", covers, state_digest, system_identifier, database, expires_at, reason, granted_role)
    SELECT plan_digest, "position", covers, state_digest, yesterday._system_identifier(), b.oid, expires_at, reason, yesterday._caller()
    FROM pg_database b WHERE b.datname = current_database()
    RETURNING p.id INTO new_id;
    PERFORM yesterday._log('grant_permit', NULL, reason, jsonb_build_object(
        'permit', new_id, 'plan_digest', plan_digest, 'position', "position", 'expires_at', expires_at, 'covers', covers));
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION yesterday.grant_permit(text, text, text, jsonb, timestamptz, text) IS 'lets one realignment land while the target is off the train';
REVOKE ALL ON FUNCTION yesterday.grant_permit(text, text, text, jsonb, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.grant_permit(text, text, text, jsonb, timestamptz, text) TO yesterday_admin;

