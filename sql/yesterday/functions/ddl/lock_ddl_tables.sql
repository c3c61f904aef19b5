-- yesterday._lock_ddl_tables(deployment): takes the tables whose definition goes back in ACCESS EXCLUSIVE mode, in order of
-- name, before the plan is made: rows and positions of sequences stand still from then on. Without
-- queueing: a queued exclusive lock blocks every later reader.
CREATE FUNCTION yesterday._lock_ddl_tables(deployment bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    wanted record;
    deadline timestamptz;
BEGIN
    FOR wanted IN
        SELECT DISTINCT t.identity
        FROM yesterday._image_differences($1) x
        JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = 'after' AND o.classid = x.classid AND o.objid = x.aobjid
        JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'after' AND t.classid = 'pg_class'::regclass
                                      AND t.objid = coalesce(o.parent, o.objid) AND t.kind = 'table'
        WHERE x.owned
        ORDER BY t.identity
    LOOP
        CONTINUE WHEN to_regclass(wanted.identity) IS NULL;
        deadline := clock_timestamp() + current_setting('yesterday.lock_wait')::interval;
        LOOP
            BEGIN
                EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE NOWAIT', wanted.identity);
                EXIT;
            EXCEPTION WHEN lock_not_available THEN
                IF clock_timestamp() >= deadline THEN
                    RAISE EXCEPTION 'table % could not be locked within %', wanted.identity, current_setting('yesterday.lock_wait')
                        USING ERRCODE = 'YD017', DETAIL = 'Its definition has to go back, and somebody is using it. Nothing was changed.',
                              HINT = 'Call it again when they are done; SELECT * FROM pg_locks shows who they are. rollback_last(force => true) ends them.';
                END IF;
            END;
            PERFORM pg_sleep(0.02);
        END LOOP;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_ddl_tables(bigint) IS 'internal: locks the tables whose definition goes back';
REVOKE ALL ON FUNCTION yesterday._lock_ddl_tables(bigint) FROM PUBLIC;

