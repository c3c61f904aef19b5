-- Every function that writes begins with this. Writers follow one another: the log is one chain, and with the
-- lock taken first, before any row, two of them cannot stand in each other's way. Readers do not notice.
CREATE FUNCTION train._begin_write(what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '30s'
AS $function$
#variable_conflict use_variable
DECLARE
    holders text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION '% needs READ COMMITTED', what
            USING ERRCODE = 'YD010',
                  DETAIL = format('The transaction is %s, and would not see what others have just written.',
                                  upper(current_setting('transaction_isolation'))),
                  HINT = 'ROLLBACK; then BEGIN ISOLATION LEVEL READ COMMITTED;';
    END IF;
    BEGIN
        LOCK TABLE train.event IN SHARE ROW EXCLUSIVE MODE;
    EXCEPTION WHEN lock_not_available THEN
        SELECT string_agg(format('pid %s, %s, %s, in transaction since %s', a.pid, a.usename,
                                 quote_literal(a.application_name), a.xact_start), '; ')
        INTO holders
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'relation' AND l.relation = 'train.event'::regclass AND l.granted
          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
          AND l.mode = 'ShareRowExclusiveLock';
        RAISE EXCEPTION '%: another writer of the registry does not end', what
            USING ERRCODE = 'YD017',
                  DETAIL = format('Nothing was changed. Held by %s.', coalesce(holders, 'a session that has just gone')),
                  HINT = 'Call it again when that session has committed, or end it: SELECT pg_terminate_backend(pid);';
    END;
END
$function$;
COMMENT ON FUNCTION train._begin_write(text) IS 'makes writers of the registry follow one another';
REVOKE ALL ON FUNCTION train._begin_write(text) FROM PUBLIC;

