-- Takes the lock of the target: one begin, rollback or change of the freeze at a time. With
-- force, whoever holds it for longer than yesterday.lock_wait (a deployment in transaction
-- scope that hangs) is cancelled, then terminated; a rollback that is under way is not, for it
-- does what the caller wants. Returns report lines about sessions it ended.
CREATE FUNCTION yesterday._lock_target(what text, force boolean DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    attempt integer := 0;
    ended integer;
    blocker record;
    holders text;
    lines jsonb := '[]';
BEGIN
    WHILE NOT yesterday._try_lock(0) LOOP
        attempt := attempt + 1;
        ended := 0;
        IF force AND attempt <= 3 THEN
            FOR blocker IN
                SELECT h.pid, h.holder FROM yesterday._lock_holders(0) h
                WHERE h.pid IS NOT NULL
                  AND NOT EXISTS (SELECT FROM yesterday._lock_holders(yesterday._rollback_mark()) r
                                  JOIN pg_stat_activity a ON a.pid = r.pid AND a.state = 'active'
                                  WHERE r.pid = h.pid)
            LOOP
                ended := ended + 1;
                lines := lines || yesterday._end_session(blocker.pid, attempt,
                                                         format('held the target: %s', blocker.holder));
            END LOOP;
        END IF;
        CONTINUE WHEN ended > 0;
        SELECT string_agg(h.holder, '; ') INTO holders FROM yesterday._lock_holders(0) h;
        CONTINUE WHEN holders IS NULL AND force AND attempt <= 3;   -- it has just gone
        RAISE EXCEPTION '%: another deployment or rollback is in progress', what
            USING ERRCODE = 'YD002',
                  DETAIL = format('Held by %s.', coalesce(holders, 'a session that has just gone')),
                  HINT = CASE force
                      WHEN false THEN 'Wait until it has ended, and call it again; force => true ends a session that deploys (its deployment never happened then), but no rollback under way; a prepared transaction is ended by the command shown.'
                      ELSE 'Wait until it has ended, or end that session: SELECT pg_terminate_backend(pid); a prepared transaction by the command shown. Then call it again.' END;
    END LOOP;
    RETURN lines;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_target(text, boolean) IS 'takes the lock of the target, within yesterday.lock_wait';
REVOKE ALL ON FUNCTION yesterday._lock_target(text, boolean) FROM PUBLIC;
