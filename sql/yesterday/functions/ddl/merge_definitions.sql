-- yesterday._merge_definitions(before, after, now): what a rollback makes of a definition,
-- property by property: what the deployment changed is as before, the rest stays as it is now.
CREATE FUNCTION yesterday._merge_definitions(before jsonb, after jsonb, now jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_object_agg(k.key, m.value) FILTER (WHERE m.value IS NOT NULL), '{}')
    FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(now)) k
    CROSS JOIN LATERAL (SELECT CASE WHEN before -> k.key IS DISTINCT FROM after -> k.key
                               THEN before -> k.key ELSE now -> k.key END AS value) m
$function$;
COMMENT ON FUNCTION yesterday._merge_definitions(jsonb, jsonb, jsonb) IS 'internal: three-way merge of a definition';
REVOKE ALL ON FUNCTION yesterday._merge_definitions(jsonb, jsonb, jsonb) FROM PUBLIC;

