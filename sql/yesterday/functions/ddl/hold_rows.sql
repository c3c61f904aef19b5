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
    -- of an abandonment, where a command failed
    INSERT INTO yesterday.plan_hold (deployment, identity, detail)
    SELECT DISTINCT ON (k.id) $1, yesterday._rows_of(k.schema_name, k.table_name),
           CASE WHEN r.oid IS NULL THEN 'the table is not there.' ELSE format('their prior images have a column %I, which the table has not.', c.column_name) END
           || format(' They are kept in yesterday_shadow.%I', k.shadow_name)
    FROM yesterday.captured_table k
    JOIN yesterday.captured_column c ON c.captured_table = k.id
    LEFT JOIN pg_class r ON r.oid = to_regclass(format('%I.%I', k.schema_name, k.table_name))
    WHERE k.deployment = $1 AND NOT k.business
      AND EXISTS (SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1 AND h.object)
      AND NOT EXISTS (SELECT FROM yesterday.plan_hold x WHERE x.deployment = $1 AND x.identity = yesterday._rows_of(k.schema_name, k.table_name))
      AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attname = c.column_name AND a.attnum > 0 AND NOT a.attisdropped)
    ORDER BY k.id, c.attnum;
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

-- yesterday._hold_objects(deployment): takes objects out of the plan that no command leads back, columns and parts of a table with it; those that
-- would come to a table which is not there, too. Without what was in its way before, such an object may need no command at all.
CREATE FUNCTION yesterday._hold_objects(deployment bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
    WITH held AS MATERIALIZED (
        SELECT p.node, p.kind, p.now_def, p.goal_identity, h.identity
        FROM yesterday.plan_node p
        JOIN yesterday.plan_hold h ON h.deployment = $1 AND h.object AND h.identity = format('%s %s', p.kind, coalesce(p.goal_identity, p.now_identity))
        WHERE p.deployment = $1 AND p.action <> 'none'
    ), gone AS (
        DELETE FROM yesterday.plan_node p
        USING held h
        WHERE p.deployment = $1
          AND (p.node = h.node OR h.kind IN ('table', 'foreign table') AND (p.parent = h.node OR h.now_def IS NULL AND p.goal_table = h.goal_identity))
    )
    UPDATE yesterday.plan_hold h SET met = true FROM held x WHERE h.deployment = $1 AND h.object AND h.identity = x.identity
$function$;
COMMENT ON FUNCTION yesterday._hold_objects(bigint) IS 'internal: leaves objects as deployed that no command leads back';
REVOKE ALL ON FUNCTION yesterday._hold_objects(bigint) FROM PUBLIC;

-- yesterday._rows_of(schema, table): what is held back where all rows of a table stay as deployed.
CREATE FUNCTION yesterday._rows_of(schema_name name, table_name name) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('rows of %I.%I', schema_name, table_name)
$function$;
COMMENT ON FUNCTION yesterday._rows_of(name, name) IS 'internal: what is held back of a table that stays as deployed';
REVOKE ALL ON FUNCTION yesterday._rows_of(name, name) FROM PUBLIC;
