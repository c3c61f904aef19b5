-- A rule means ordinary, logged tables of users; what cannot be tracked does not match.
CREATE FUNCTION yesterday._matches_rule(relation oid, schema_pattern text, table_pattern text)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_am a ON a.oid = c.relam
        WHERE c.oid = relation AND c.oid >= 16384
          AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
          AND (c.relkind = 'p' OR a.amname = 'heap')
          AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'yesterday', 'yesterday_shadow')
          AND NOT yesterday._is_registry_table(c.oid)
          AND n.nspname::text LIKE schema_pattern AND c.relname::text LIKE table_pattern);
$function$;
COMMENT ON FUNCTION yesterday._matches_rule(oid, text, text) IS 'does a relation match the patterns of a rule?';
REVOKE ALL ON FUNCTION yesterday._matches_rule(oid, text, text) FROM PUBLIC;

