-- How a relation is tracked, or was before a deployment in progress took its name away. Partitions and inheriting tables
-- have an entry of their own.
CREATE FUNCTION yesterday._tracked_entry(relation oid)
RETURNS TABLE (layer text, natural_key name[], local_columns name[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT t.layer, t.natural_key, t.local_columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (
        SELECT 1 AS rank, t.layer, t.natural_key, t.local_columns FROM yesterday.tracked_table t
        WHERE t.schema_name = n.nspname AND t.table_name = c.relname
        UNION ALL
        SELECT 2, a.layer, a.natural_key, a.local_columns FROM yesterday.tracked_aside a
        WHERE a.schema_name = n.nspname AND a.table_name = c.relname
          AND a.deployment = (SELECT d.id FROM yesterday.deployment d WHERE d.status = 'open')
        ORDER BY 1 LIMIT 1) t
    WHERE c.oid = relation;
$function$;
COMMENT ON FUNCTION yesterday._tracked_entry(oid) IS 'layer, natural key and local columns of a tracked relation';
REVOKE ALL ON FUNCTION yesterday._tracked_entry(oid) FROM PUBLIC;

