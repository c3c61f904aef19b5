-- Does this permit let this plan land here and now?
CREATE FUNCTION yesterday._check_permit(wanted bigint, plan_digest text)
RETURNS yesterday.permit
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    permit yesterday.permit;
    problem text;
BEGIN
    SELECT p.* INTO permit FROM yesterday.permit p WHERE p.id = wanted;
    problem := CASE
        WHEN permit.id IS NULL THEN 'does not exist'
        WHEN permit.used_at IS NOT NULL THEN format('was used at %s, by deployment %s', permit.used_at, permit.deployment)
        WHEN permit.void_at IS NOT NULL THEN format('is void since %s: %s', permit.void_at, permit.void_reason)
        WHEN permit.system_identifier <> yesterday._system_identifier()
             OR permit.database <> (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
            THEN 'is for another database, of which this one is a copy'
        WHEN permit.plan_digest IS DISTINCT FROM plan_digest THEN format('is for plan %s, not %s', permit.plan_digest, coalesce(plan_digest, 'NULL'))
        WHEN permit.expires_at <= clock_timestamp() THEN format('expired at %s', permit.expires_at)
        WHEN permit."position" <> yesterday.position() THEN format('is for position %s, and the target is at %s', permit."position", yesterday.position())
    END;
    -- the rest takes its time
    IF problem IS NULL AND permit.state_digest <> yesterday.state_digest() THEN
        problem := 'is for another state: tracked tables were written since the rehearsal';
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'begin_realignment(): permit % %', coalesce(wanted::text, 'NULL'), problem
            USING ERRCODE = 'YD023',
                  DETAIL = 'Nothing was changed. A permit is for one realignment, of the plan that was rehearsed, on the state that it was rehearsed on.',
                  HINT = format('Rehearse the plan on the target as it is now and apply it then: yesterday train rehearse %s --bundles FOLDER; in SQL ask for another permit, yesterday.grant_permit().',
                                coalesce(yesterday._target_word(), 'TARGET'));
    END IF;
    RETURN permit;
END
$function$;
COMMENT ON FUNCTION yesterday._check_permit(bigint, text) IS 'the permit, if it lets this plan land here and now';
REVOKE ALL ON FUNCTION yesterday._check_permit(bigint, text) FROM PUBLIC;

