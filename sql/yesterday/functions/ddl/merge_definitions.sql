-- yesterday._merge_definitions(before, after, now, repointed): what a rollback makes of a definition,
-- property by property: what the deployment changed is as before, the rest stays as it is now.
--   repointed   kind of an object that may say what it said before and mean other objects (_repointed): what names
--               others is as before, too; null: it is none
CREATE FUNCTION yesterday._merge_definitions(before jsonb, after jsonb, now jsonb, repointed text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_object_agg(k.key, m.value) FILTER (WHERE m.value IS NOT NULL), '{}')
    FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(now)) k
    CROSS JOIN LATERAL (SELECT CASE WHEN before -> k.key IS DISTINCT FROM after -> k.key
                                      OR CASE WHEN repointed IS NULL THEN false
                                              WHEN repointed IN ('table', 'foreign table') THEN
                                                   k.key IN ('columns', 'inherits', 'partition_of', 'of_type', 'replica_index', 'clustered_on')
                                              WHEN repointed = 'column' THEN k.key IN ('type', 'collation', 'default', 'expression')
                                              ELSE k.key NOT IN ('comment', 'acl') END
                               THEN before -> k.key ELSE now -> k.key END AS value) m
$function$;
COMMENT ON FUNCTION yesterday._merge_definitions(jsonb, jsonb, jsonb, text) IS 'internal: three-way merge of a definition';
REVOKE ALL ON FUNCTION yesterday._merge_definitions(jsonb, jsonb, jsonb, text) FROM PUBLIC;
