-- Puts back what one deployment changed: structure, rows, constraints. Used by rollback,
-- proof, drill and abandon; rollback 0 means a rehearsal.
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
BEGIN
    PERFORM set_config('lock_timeout', current_setting('yesterday.lock_wait'), true);
    IF has_ddl THEN
        RETURN QUERY SELECT * FROM yesterday._apply_inverse(deployment, rollback, 'structure');
    END IF;
    RETURN QUERY
        SELECT format('%I.%I', r.schema_name, r.table_name), r.outcome, r.rows, r.detail
        FROM yesterday._restore_rows(deployment, rollback) r;
    IF has_ddl THEN
        RETURN QUERY SELECT * FROM yesterday._apply_inverse(deployment, rollback, 'constraint');
    END IF;
    PERFORM set_config('lock_timeout', old_timeout, true);
    PERFORM yesterday._internal(was_internal);
END
$function$;
COMMENT ON FUNCTION yesterday._roll_back(bigint, bigint) IS 'puts back what one deployment changed';
REVOKE ALL ON FUNCTION yesterday._roll_back(bigint, bigint) FROM PUBLIC;

