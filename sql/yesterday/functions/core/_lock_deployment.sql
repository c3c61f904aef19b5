-- Takes an open deployment exclusively: no member transaction is in progress then. With
-- force, members in progress for longer than yesterday.lock_wait are cancelled, then
-- terminated; force NULL: the caller's verb has none. Returns report lines about sessions it ended.
CREATE FUNCTION yesterday._lock_deployment(deployment bigint, what text, force boolean DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    attempt integer := 0;
    blocker record;
    holders text;
    lines jsonb := '[]';
BEGIN
    WHILE NOT yesterday._try_lock(deployment) LOOP
        attempt := attempt + 1;
        IF NOT coalesce(force, false) OR attempt > 3 THEN
            SELECT string_agg(h.holder, '; ') INTO holders FROM yesterday._lock_holders(deployment) h;
            RAISE EXCEPTION '%: deployment % still has members in progress', what, deployment
                USING ERRCODE = 'YD017',
                      DETAIL = format('Nothing was changed. Held by %s.', coalesce(holders, 'a session that has just gone')),
                      HINT = format('Let these sessions commit or roll back, or end them (%s; prepared transactions by the command shown), and call it again; yesterday.lock_wait says how long to wait.',
                                    CASE WHEN force IS NULL THEN 'SELECT pg_terminate_backend(pid)' ELSE 'force => true does' END);
        END IF;
        FOR blocker IN SELECT h.pid, h.holder FROM yesterday._lock_holders(deployment) h WHERE h.pid IS NOT NULL
        LOOP
            lines := lines || yesterday._end_session(blocker.pid, attempt,
                                                     format('member of deployment %s: %s', deployment, blocker.holder));
        END LOOP;
    END LOOP;
    RETURN lines;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_deployment(bigint, text, boolean) IS 'takes an open deployment exclusively, within yesterday.lock_wait';
REVOKE ALL ON FUNCTION yesterday._lock_deployment(bigint, text, boolean) FROM PUBLIC;

