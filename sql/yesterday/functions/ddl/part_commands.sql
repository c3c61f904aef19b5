-- yesterday._schema_part(identity): the schema of a qualified, quoted identity, quoted.
CREATE FUNCTION yesterday._schema_part(identity text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT quote_ident((parse_ident(identity))[1])
$function$;
COMMENT ON FUNCTION yesterday._schema_part(text) IS 'internal: schema of a qualified name';
REVOKE ALL ON FUNCTION yesterday._schema_part(text) FROM PUBLIC;

-- yesterday._enable_command(word, name, table, enabled): sets when a trigger or rule fires.
CREATE FUNCTION yesterday._enable_command(word text, object_name text, table_identity text, enabled text)
RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('ALTER TABLE %s %s %s %I', table_identity,
                  CASE enabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS'
                               WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END, word, object_name)
$function$;
COMMENT ON FUNCTION yesterday._enable_command(text, text, text, text) IS 'internal: command that sets when a trigger or rule fires';
REVOKE ALL ON FUNCTION yesterday._enable_command(text, text, text, text) FROM PUBLIC;

-- yesterday._column_storage_commands(table, now, goal, word): commands for the properties of a
-- column that CREATE TABLE has no words for.
CREATE FUNCTION yesterday._column_storage_commands(table_identity text, now_def jsonb, goal jsonb,
                                                   word text DEFAULT 'TABLE')
RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- most columns have none of them
    IF NOT now_def ?| '{storage,compression,statistics,options}' AND NOT goal ?| '{storage,compression,statistics,options}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT format('ALTER %s %s ALTER COLUMN %I %s', word, table_identity, goal ->> 'name', c.clause)
    FROM (VALUES
        -- the word DEFAULT came with 16
        ('storage', 'SET STORAGE ' || coalesce(upper(goal ->> 'storage'),
            (SELECT CASE t.typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                                      WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
             FROM pg_type t WHERE t.oid = to_regtype(goal ->> 'type')))),
        ('compression', 'SET COMPRESSION ' || coalesce(goal ->> 'compression', 'default')),
        ('statistics', 'SET STATISTICS ' || coalesce(goal ->> 'statistics', '-1')),
        ('options', 'RESET (' || yesterday._option_names(now_def -> 'options') || ')'),
        ('options', 'SET (' || yesterday._option_list(goal -> 'options') || ')')
    ) AS c (key, clause)
    WHERE now_def -> c.key IS DISTINCT FROM goal -> c.key AND c.clause IS NOT NULL;
END
$function$;
COMMENT ON FUNCTION yesterday._column_storage_commands(text, jsonb, jsonb, text) IS 'internal: commands for storage properties of a column';
REVOKE ALL ON FUNCTION yesterday._column_storage_commands(text, jsonb, jsonb, text) FROM PUBLIC;

