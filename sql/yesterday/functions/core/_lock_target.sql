-- Takes the lock of the target: one begin, rollback or change of the freeze at a time.
CREATE FUNCTION yesterday._lock_target(what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    holders text;
BEGIN
    IF NOT yesterday._try_lock(0) THEN
        SELECT string_agg(h.holder, '; ') INTO holders FROM yesterday._lock_holders(0) h;
        RAISE EXCEPTION '%: another deployment or rollback is in progress', what
            USING ERRCODE = 'YD002',
                  DETAIL = format('Held by %s.', coalesce(holders, 'a session that has just gone')),
                  HINT = 'Wait until it has ended, or end that session, and call it again.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_target(text) IS 'takes the lock of the target, within yesterday.lock_wait';
REVOKE ALL ON FUNCTION yesterday._lock_target(text) FROM PUBLIC;

