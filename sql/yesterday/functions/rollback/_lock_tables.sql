-- Takes the tables of a rollback in order of name; _lock_table() says how, and what force does.
CREATE FUNCTION yesterday._lock_tables(deployment bigint, force boolean)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    wanted record;
    lines jsonb := '[]';
BEGIN
    FOR wanted IN
        SELECT r.relation, r.is_exclusive FROM yesterday._rollback_tables(deployment) r
        ORDER BY r.schema_name, r.table_name
    LOOP
        lines := lines || yesterday._lock_table(wanted.relation, wanted.is_exclusive, force);
    END LOOP;
    RETURN lines;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_tables(bigint, boolean) IS 'takes the tables of a rollback, within yesterday.lock_wait';
REVOKE ALL ON FUNCTION yesterday._lock_tables(bigint, boolean) FROM PUBLIC;
