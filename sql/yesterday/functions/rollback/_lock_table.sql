-- Takes one table without queueing, so that nobody waits behind us: in SHARE ROW EXCLUSIVE mode
-- where only rows go back (plain readers go on), in ACCESS EXCLUSIVE mode where inverse DDL
-- changes the table. An autovacuum worker is cancelled at once, as PostgreSQL does for whoever
-- queues for a lock, unless it prevents a wraparound. With force, whoever holds the table for
-- longer than yesterday.lock_wait is cancelled, then terminated; force NULL: the caller's verb
-- has no force. Returns report lines about sessions it ended.
CREATE FUNCTION yesterday._lock_table(relation oid, is_exclusive boolean, force boolean)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    name text := (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation);
    mode text := CASE WHEN is_exclusive THEN 'ACCESS EXCLUSIVE' ELSE 'SHARE ROW EXCLUSIVE' END;
    deadline timestamptz := clock_timestamp() + current_setting('yesterday.lock_wait')::interval;
    attempt integer := 0;
    workers integer[] := '{}';
    blocker record;
    blockers text;
    lines jsonb := '[]';
BEGIN
    LOOP
        BEGIN
            EXECUTE format('LOCK TABLE ONLY %s IN %s MODE NOWAIT', name, mode);
            RETURN lines;
        EXCEPTION WHEN lock_not_available THEN
            NULL;   -- look at who and at the clock below, and try again
        END;
        FOR blocker IN
            SELECT b.pid, a.query FROM yesterday._table_blockers(relation, is_exclusive) b
            JOIN pg_stat_activity a ON a.pid = b.pid
            WHERE a.backend_type = 'autovacuum worker' AND a.query NOT LIKE '%(to prevent wraparound)'
              AND b.pid <> ALL (workers)
        LOOP
            PERFORM pg_cancel_backend(blocker.pid);
            workers := workers || blocker.pid;
            lines := lines || jsonb_build_object(
                'subject', format('autovacuum worker %s', blocker.pid), 'outcome', 'cancelled', 'rows', NULL,
                'detail', format('held table %s: %s; it comes again by itself', name, blocker.query));
            -- time to go, however short yesterday.lock_wait is
            deadline := greatest(deadline, clock_timestamp() + interval '1 second');
        END LOOP;
        IF clock_timestamp() < deadline THEN
            PERFORM pg_sleep(0.02);
            CONTINUE;
        END IF;
        attempt := attempt + 1;
        IF NOT coalesce(force, false) OR attempt > 3 THEN
            SELECT string_agg(b.holder, '; ') INTO blockers FROM yesterday._table_blockers(relation, is_exclusive) b;
            RAISE EXCEPTION 'table "%" could not be locked within %',
                    (SELECT format('%s.%s', n.nspname, c.relname) FROM pg_class c
                     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation),
                    current_setting('yesterday.lock_wait')
                USING ERRCODE = 'YD017',
                      DETAIL = format('Nothing was changed. Held by %s.', coalesce(blockers, 'a session that has just gone')),
                      HINT = CASE WHEN force IS NULL
                          THEN 'Call it again when they are done, or end them: SELECT pg_terminate_backend(pid); prepared transactions by the command shown.'
                          ELSE 'Call it again when they are done, or end them: force => true does; prepared transactions only by the command shown.' END;
        END IF;
        FOR blocker IN
            SELECT b.pid, b.holder FROM yesterday._table_blockers(relation, is_exclusive) b WHERE b.pid IS NOT NULL
        LOOP
            lines := lines || yesterday._end_session(blocker.pid, attempt,
                                                     format('held table %s: %s', name, blocker.holder));
        END LOOP;
        deadline := clock_timestamp() + interval '1 second';
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_table(oid, boolean, boolean) IS 'takes a table for a rollback, within yesterday.lock_wait';
REVOKE ALL ON FUNCTION yesterday._lock_table(oid, boolean, boolean) FROM PUBLIC;
