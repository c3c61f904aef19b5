-- Takes the tables of a rollback in order of name, without queueing, so that nobody waits
-- behind us: in SHARE ROW EXCLUSIVE mode where only rows go back (plain readers go on), in
-- ACCESS EXCLUSIVE mode where the inverse DDL changes the table. With force, whoever holds a
-- table for longer than yesterday.lock_wait is cancelled, then terminated, and reported.
CREATE FUNCTION yesterday._lock_tables(deployment bigint, force boolean)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    wanted record;
    patience interval := current_setting('yesterday.lock_wait')::interval;
    deadline timestamptz;
    attempt integer;
    blocker record;
    blockers text;
    lines jsonb := '[]';
BEGIN
    FOR wanted IN
        SELECT r.schema_name, r.table_name, r.relation, r.is_exclusive,
               CASE WHEN r.is_exclusive THEN 'ACCESS EXCLUSIVE' ELSE 'SHARE ROW EXCLUSIVE' END AS mode
        FROM yesterday._rollback_tables(deployment) r
        ORDER BY r.schema_name, r.table_name
    LOOP
        attempt := 0;
        deadline := clock_timestamp() + patience;
        LOOP
            BEGIN
                EXECUTE format('LOCK TABLE ONLY %I.%I IN %s MODE NOWAIT',
                               wanted.schema_name, wanted.table_name, wanted.mode);
                EXIT;
            EXCEPTION WHEN lock_not_available THEN
                NULL;   -- look at the clock below, and try again
            END;
            IF clock_timestamp() < deadline THEN
                PERFORM pg_sleep(0.02);
                CONTINUE;
            END IF;
            attempt := attempt + 1;
            IF NOT coalesce(force, false) OR attempt > 3 THEN
                SELECT string_agg(b.holder, '; ') INTO blockers
                FROM yesterday._table_blockers(wanted.relation, wanted.is_exclusive) b;
                RAISE EXCEPTION 'table "%.%" could not be locked within %',
                        wanted.schema_name, wanted.table_name, current_setting('yesterday.lock_wait')
                    USING ERRCODE = 'YD017',
                          DETAIL = format('Nothing was changed. Held by %s.', coalesce(blockers, 'a session that has just gone')),
                          HINT = 'Call it again when they are done, or end them: rollback_last(force => true); prepared transactions only by the command shown.';
            END IF;
            FOR blocker IN
                SELECT b.pid, b.holder FROM yesterday._table_blockers(wanted.relation, wanted.is_exclusive) b WHERE b.pid IS NOT NULL
            LOOP
                lines := lines || yesterday._end_session(blocker.pid, attempt,
                    format('held table %I.%I: %s', wanted.schema_name, wanted.table_name, blocker.holder));
            END LOOP;
            deadline := clock_timestamp() + interval '1 second';
        END LOOP;
    END LOOP;
    RETURN lines;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_tables(bigint, boolean) IS 'locks the tables of a rollback; returns report lines about sessions it ended';
REVOKE ALL ON FUNCTION yesterday._lock_tables(bigint, boolean) FROM PUBLIC;

