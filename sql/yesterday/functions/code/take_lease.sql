-- Takes the lease on the code of this target, if nobody holds it. instead_of: a lease of which
-- the caller knows that its holder is dead.
CREATE FUNCTION yesterday.take_lease(holder text, duration interval DEFAULT '15 seconds', instead_of bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    taken bigint;
    held record;
BEGIN
    PERFORM yesterday._check_lease_time(duration);
    IF coalesce(btrim(holder), '') = '' THEN
        RAISE EXCEPTION 'a lease needs a holder'
            USING ERRCODE = 'YD022',
                  DETAIL = 'Who waits for it has to know whom to ask.',
                  HINT = 'Give a name that says where the holder is, such as ''alice@host, pid 123''.';
    END IF;
    INSERT INTO yesterday.switch_lease AS l
        (holder, taken_at, renewed_at, expires_at, taken_role, client_addr, application_name)
    VALUES (holder, clock_timestamp(), clock_timestamp(), clock_timestamp() + duration, yesterday._caller(),
            inet_client_addr(), current_setting('application_name'))
    ON CONFLICT (only_one) DO UPDATE
        SET lease = EXCLUDED.lease, holder = EXCLUDED.holder, taken_at = EXCLUDED.taken_at,
            renewed_at = EXCLUDED.renewed_at, expires_at = EXCLUDED.expires_at, taken_by = EXCLUDED.taken_by,
            taken_role = EXCLUDED.taken_role, client_addr = EXCLUDED.client_addr, application_name = EXCLUDED.application_name
        WHERE l.expires_at <= clock_timestamp() OR l.lease = instead_of
    RETURNING l.lease INTO taken;
    IF taken IS NULL THEN
        SELECT * INTO held FROM yesterday.switch_lease;
        RAISE EXCEPTION 'somebody else is switching the code of this target'
            USING ERRCODE = 'YD027',
                  DETAIL = format('Held by %s since %s, lease %s, until %s unless it is renewed.', held.holder, held.taken_at, held.lease, held.expires_at),
                  HINT = 'Wait until it has ended, and begin again. A lease whose holder is dead ends by itself.';
    END IF;
    RETURN taken;
END
$function$;
COMMENT ON FUNCTION yesterday.take_lease(text, interval, bigint) IS 'takes the lease on the code of this target';
REVOKE ALL ON FUNCTION yesterday.take_lease(text, interval, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.take_lease(text, interval, bigint) TO yesterday_deployer, yesterday_operator;

