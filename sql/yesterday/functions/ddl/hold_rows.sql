-- yesterday._hold_rows(deployment): tables whose prior images have columns that the table has not, because it has to stay as deployed for the
-- sake of what others have built on its rows since: their rows stay, too. The images are kept with the deployment.
CREATE FUNCTION yesterday._hold_rows(deployment bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
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
    ORDER BY k.id, c.column_name
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
