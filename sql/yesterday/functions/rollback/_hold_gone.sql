-- What others have dropped since of the tables that a deployment wrote: a table, or a key by which its rows are told apart (keys), so
-- that no row of it can be put back; or other columns, whose values cannot. A column that was only renamed is known by its number
-- while its table is the same one.
CREATE FUNCTION yesterday._gone_since(deployment bigint)
RETURNS TABLE (schema_name name, table_name name, keys name[], columns name[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH written AS MATERIALIZED (
        SELECT k.*, coalesce(to_regclass(format('%I.%I', k.schema_name, k.table_name)),
                             to_regclass(yesterday._name_since($1, k.schema_name, k.table_name)))::oid AS found
        FROM yesterday.captured_table k
        WHERE k.deployment = $1 AND NOT k.business AND k.rows_prior + k.rows_inserted > 0
          AND NOT EXISTS (SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1
                            AND h.identity = yesterday._rows_of(k.schema_name, k.table_name))
    ), standing AS MATERIALIZED (
        -- arrays: of each table its own columns are looked up, and not those of all tables read
        SELECT w.id,
               ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = w.found AND a.attnum > 0 AND NOT a.attisdropped) AS names,
               ARRAY(SELECT a.attnum FROM pg_attribute a
                     WHERE a.attrelid = w.found AND w.found = w.relid AND a.attnum > 0 AND NOT a.attisdropped
                       AND a.attname <> ALL (ARRAY(SELECT o.column_name FROM yesterday.captured_column o WHERE o.captured_table = w.id))) AS renamed
        FROM written w
    ), lost AS (
        SELECT w.id, c.column_name, w.key_kind = 'row' OR c.column_name = ANY (w.key_columns) AS is_key
        FROM written w
        JOIN standing s ON s.id = w.id
        JOIN yesterday.captured_column c ON c.captured_table = w.id
        WHERE c.column_name <> ALL (s.names) AND c.attnum <> ALL (s.renamed)
    )
    SELECT w.schema_name, w.table_name, CASE WHEN w.found IS NOT NULL THEN array_agg(l.column_name ORDER BY l.column_name) FILTER (WHERE l.is_key) END,
           CASE WHEN w.found IS NOT NULL THEN array_agg(l.column_name ORDER BY l.column_name) END
    FROM written w
    JOIN lost l ON l.id = w.id
    -- one that the deployment had made goes with all its rows
    WHERE w.found IS NOT NULL OR w.rows_prior > 0
    GROUP BY w.schema_name, w.table_name, w.found
$function$;
COMMENT ON FUNCTION yesterday._gone_since(bigint) IS 'internal: tables and columns with prior images that others have dropped';
REVOKE ALL ON FUNCTION yesterday._gone_since(bigint) FROM PUBLIC;

-- The same as lines of a report.
CREATE FUNCTION yesterday._gone_lines(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT yesterday._rows_of(g.schema_name, g.table_name), 'held back', NULL::bigint,
           CASE WHEN g.columns IS NULL THEN 'the table is not there any more: others have dropped it.'
                ELSE format('others have dropped %s, by which they are told apart.', (SELECT string_agg(quote_ident(k), ', ') FROM unnest(g.keys) k)) END
           || format(' What they were: SELECT * FROM yesterday.diff(%L)', $1::text)
    FROM yesterday._gone_since($1) g WHERE g.columns IS NULL OR g.keys IS NOT NULL
    UNION ALL
    SELECT format('column %I.%I.%I', g.schema_name, g.table_name, c), 'held back', NULL,
           format('others have dropped it; what it held: SELECT * FROM yesterday.diff(%L)', $1::text)
    FROM yesterday._gone_since($1) g, unnest(g.columns) c WHERE g.keys IS NULL
    ORDER BY 1
$function$;
COMMENT ON FUNCTION yesterday._gone_lines(bigint) IS 'internal: what a rollback cannot put back because others have dropped its place';
REVOKE ALL ON FUNCTION yesterday._gone_lines(bigint) FROM PUBLIC;

-- Holds it back, and names it. The prior images are kept with the deployment.
CREATE FUNCTION yesterday._hold_gone(deployment bigint, has_ddl boolean)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT has_ddl THEN
        DELETE FROM yesterday.plan_hold h WHERE h.deployment = $1;
    END IF;
    IF NOT EXISTS (SELECT FROM yesterday._gone_since($1)) THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM yesterday._gone_lines($1);
    INSERT INTO yesterday.plan_hold (deployment, identity)
    SELECT $1, CASE WHEN c IS NULL THEN yesterday._rows_of(g.schema_name, g.table_name)
                    ELSE yesterday._values_of(g.schema_name, g.table_name, c) END
    FROM yesterday._gone_since($1) g
    LEFT JOIN LATERAL unnest(g.columns) c ON g.keys IS NULL;
END
$function$;
COMMENT ON FUNCTION yesterday._hold_gone(bigint, boolean) IS 'internal: holds back rows and values whose place others have dropped';
REVOKE ALL ON FUNCTION yesterday._hold_gone(bigint, boolean) FROM PUBLIC;

-- What is held back where a column of a table is not there any more.
CREATE FUNCTION yesterday._values_of(schema_name name, table_name name, column_name name)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('values of %I.%I.%I', schema_name, table_name, column_name)
$function$;
COMMENT ON FUNCTION yesterday._values_of(name, name, name) IS 'internal: what is held back of a column that is gone';
REVOKE ALL ON FUNCTION yesterday._values_of(name, name, name) FROM PUBLIC;

-- The qualified name of a table that a deployment wrote: the one of before, or the one that others have given it since, by which its
-- capture triggers know it.
CREATE FUNCTION yesterday._name_since(deployment bigint, schema_name name, table_name name)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce((SELECT format('%I.%I', t.schema_name, t.table_name)
                     FROM yesterday.deployment_baseline b
                     JOIN yesterday.tracked_table t ON t.id = b.tracked
                     WHERE b.deployment = $1 AND b.schema_name = $2 AND b.table_name = $3
                       AND to_regclass(format('%I.%I', $2, $3)) IS NULL
                       AND to_regclass(format('%I.%I', t.schema_name, t.table_name)) IS NOT NULL),
                    format('%I.%I', $2, $3))
$function$;
COMMENT ON FUNCTION yesterday._name_since(bigint, name, name) IS 'internal: what a table that a deployment wrote is called by now';
REVOKE ALL ON FUNCTION yesterday._name_since(bigint, name, name) FROM PUBLIC;
