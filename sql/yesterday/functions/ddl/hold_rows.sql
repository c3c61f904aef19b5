-- yesterday._hold_rows(deployment): tables whose prior images have columns that the table has not, because it has to stay as deployed for the
-- sake of what others have built on its rows since, or of values that they have written since: their rows stay, too. The images are kept
-- with the deployment.
CREATE FUNCTION yesterday._hold_rows(deployment bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    told record;
BEGIN
    INSERT INTO yesterday.plan_hold (deployment, identity, detail)
    SELECT DISTINCT ON (k.id) $1, yesterday._rows_of(k.schema_name, k.table_name),
           format('their prior images have a column %I, which the table has not: %s. They are kept: SELECT * FROM yesterday.diff(%L)',
                  c.column_name, p.refusal, $1)
    FROM yesterday.captured_table k
    JOIN yesterday.deployment d ON d.id = $1 AND d.status = 'finished'
    JOIN yesterday.plan_node p ON p.deployment = $1 AND p.kind = 'table' AND p.refusal IS NOT NULL
                              AND (k.relid IN (p.bobjid, p.aobjid) OR p.now_identity = format('%I.%I', k.schema_name, k.table_name))
    JOIN yesterday.captured_column c ON c.captured_table = k.id
    WHERE k.deployment = $1 AND NOT k.business
      AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = p.objid AND a.attname = c.column_name AND a.attnum > 0 AND NOT a.attisdropped)
    ORDER BY k.id, c.column_name;
    -- nor is there a row to be found where a key column stays as deployed, and no value of before is one of its type
    FOR told IN
        SELECT k.schema_name, k.table_name, k.shadow_name, c.column_name, c.shadow_column,
               format_type(a.atttypid, a.atttypmod) AS type_now, pg_get_userbyid(r.relowner) AS owner
        FROM yesterday.captured_table k
        JOIN yesterday.captured_column c ON c.captured_table = k.id AND c.column_name = ANY (k.key_columns)
        JOIN yesterday.plan_hold h ON h.deployment = $1 AND h.identity = format('%I.%I.%I', k.schema_name, k.table_name, c.column_name)
        JOIN pg_namespace n ON n.nspname = k.schema_name
        JOIN pg_class r ON r.relnamespace = n.oid AND r.relname = k.table_name
        JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = c.column_name AND NOT a.attisdropped
        WHERE k.deployment = $1 AND NOT k.business
          AND NOT EXISTS (SELECT FROM yesterday.plan_hold x WHERE x.deployment = $1 AND x.identity = yesterday._rows_of(k.schema_name, k.table_name))
        ORDER BY k.id, c.attnum
    LOOP
        BEGIN
            PERFORM yesterday._run_step(told.owner, format('SELECT count(s.%I::text::%s) FROM yesterday_shadow.%I s',
                                                           told.shadow_column, told.type_now, told.shadow_name),
                                        ARRAY[told.shadow_name], NULL, NULL);
        EXCEPTION WHEN data_exception THEN
            INSERT INTO yesterday.plan_hold (deployment, identity, detail)
            VALUES ($1, yesterday._rows_of(told.schema_name, told.table_name),
                    format('they are told apart by column %I, which stays as deployed, and their values of before are none of its type. They are kept: SELECT * FROM yesterday.diff(%L)',
                           told.column_name, $1));
        END;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._hold_rows(bigint) IS 'internal: holds back rows of tables that stay as deployed';
REVOKE ALL ON FUNCTION yesterday._hold_rows(bigint) FROM PUBLIC;

-- yesterday._rows_of(schema, table): what is held back where all rows of a table stay as deployed.
CREATE FUNCTION yesterday._rows_of(schema_name name, table_name name) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('rows of %I.%I', schema_name, table_name)
$function$;
COMMENT ON FUNCTION yesterday._rows_of(name, name) IS 'internal: what is held back of a table that stays as deployed';
REVOKE ALL ON FUNCTION yesterday._rows_of(name, name) FROM PUBLIC;
