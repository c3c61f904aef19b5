-- Puts back what one deployment changed: structure, rows, constraints. Used by rollback,
-- proof, drill and abandon; rollback 0 means a rehearsal. Waits for any one lock for at most
-- yesterday.lock_wait, and says who held it.
CREATE FUNCTION yesterday._roll_back(deployment bigint, rollback bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    was_internal boolean := yesterday._internal(true);
    has_ddl boolean := yesterday._has_ddl(deployment);
    old_timeout text := current_setting('lock_timeout');
    patience interval := current_setting('yesterday.lock_wait')::interval;
    blockers text;
BEGIN
    -- for lock_timeout 0 would mean: for ever
    PERFORM set_config('lock_timeout', greatest(1, round(extract(epoch FROM patience) * 1000))::text, true);
    BEGIN
        PERFORM yesterday._foresee_own_rows(deployment, rollback, has_ddl);
        IF has_ddl THEN
            PERFORM yesterday._note_references(deployment);
            RETURN QUERY SELECT * FROM yesterday._apply_inverse(deployment, rollback, 'structure');
        END IF;
        -- at finish nothing is gone that the deployment, or its proof, need not tell of
        IF rollback > 0 OR (SELECT d.status FROM yesterday.deployment d WHERE d.id = deployment) = 'finished' THEN
            RETURN QUERY SELECT * FROM yesterday._hold_gone(deployment, has_ddl);
        END IF;
        RETURN QUERY
            SELECT format('%I.%I', r.schema_name, r.table_name), r.outcome, r.rows, r.detail
            FROM yesterday._restore_rows(deployment, rollback) r;
        RETURN QUERY SELECT * FROM yesterday._restore_sequences(deployment);
        IF has_ddl THEN
            RETURN QUERY SELECT * FROM yesterday._apply_inverse(deployment, rollback, 'constraint');
            RETURN QUERY SELECT * FROM yesterday._apply_held(deployment, rollback);
            RETURN QUERY SELECT * FROM yesterday._dangling_names(deployment, rollback);
        END IF;
        RETURN QUERY SELECT * FROM yesterday._stale_views(deployment);
    EXCEPTION WHEN lock_not_available THEN
        SELECT string_agg(b.holder, '; ') INTO blockers FROM yesterday._row_blockers(deployment) b;
        RAISE EXCEPTION 'a lock that the rollback of deployment % needs could not be had within %', deployment, current_setting('yesterday.lock_wait')
            USING ERRCODE = 'YD017',
                  DETAIL = format('Nothing was changed. Held by %s.', coalesce(blockers, 'a session that has just gone')),
                  HINT = 'Call it again when they are done, or end them: SELECT pg_terminate_backend(pid), prepared transactions by the command shown. A rollback ends sessions itself with force => true.';
    END;
    PERFORM set_config('lock_timeout', old_timeout, true);
    PERFORM yesterday._internal(was_internal);
END
$function$;
COMMENT ON FUNCTION yesterday._roll_back(bigint, bigint) IS 'puts back what one deployment changed';
REVOKE ALL ON FUNCTION yesterday._roll_back(bigint, bigint) FROM PUBLIC;

