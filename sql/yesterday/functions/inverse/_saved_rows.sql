-- The rows of one copy of destroyed rows as {column: type output text or null}. Shown to whoever may
-- read all rows of the table that they come from, or to yesterday_admin; of a table that is gone
-- to yesterday_admin alone.
CREATE FUNCTION yesterday._saved_rows(deployment bigint, copy name)
RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    of_table record;
    relation regclass;
BEGIN
    SELECT s.schema_name, s.table_name, s.relid INTO of_table FROM yesterday.saved_table s
    WHERE s.deployment = deployment AND copy IN (s.shadow_name, s.after_name);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'deployment % has no copy "%"', deployment, copy
            USING ERRCODE = 'YD022', DETAIL = 'Copies are made of rows that DDL destroys.',
                  HINT = 'SELECT * FROM yesterday.inverse_ddl; shows which copies it reads.';
    END IF;
    relation := to_regclass(format('%I.%I', of_table.schema_name, of_table.table_name));
    IF NOT pg_has_role(yesterday._caller(), 'yesterday_admin', 'USAGE')
       -- another table under its name gives no right to them
       AND (relation IS NULL OR relation::oid <> of_table.relid OR NOT yesterday._may_read_rows(yesterday._caller(), relation))
    THEN
        RAISE EXCEPTION 'permission denied for prior rows of table "%.%"', of_table.schema_name, of_table.table_name
            USING ERRCODE = '42501',
                  DETAIL = 'They are shown to whoever may SELECT all rows of the table, and to yesterday_admin.',
                  HINT = format('GRANT yesterday_admin TO %I;', yesterday._caller());
    END IF;
    RETURN QUERY SELECT * FROM yesterday._copied_rows(copy);
END
$function$;
COMMENT ON FUNCTION yesterday._saved_rows(bigint, name) IS 'rows of a copy of destroyed rows, for who may see them';
REVOKE ALL ON FUNCTION yesterday._saved_rows(bigint, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._saved_rows(bigint, name) TO yesterday_viewer;
