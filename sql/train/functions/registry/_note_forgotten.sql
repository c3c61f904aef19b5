-- Notes the patches of this train that a target has and the registry does not know: deployments of the group say which
-- patch they were. The fix of a realignment is the one after all that it covered.
CREATE FUNCTION train._note_forgotten(entry train.target, group_name text, history jsonb)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH told AS (
        SELECT (h->>'id')::bigint AS deployment, (h->'patch'->>'ordinal')::integer AS ordinal, h->>'digest' AS digest, h->>'name' AS name,
               coalesce(h->'patch'->>'kind', 'metadata') AS kind
        FROM jsonb_array_elements(history) h
        WHERE h->>'status' IN ('finished', 'rolled_back') AND h->'patch'->>'registry' = train.registry_id()::text
          AND h->'patch'->>'group' = group_name
        UNION ALL
        SELECT (h->>'id')::bigint, coalesce((c->>'ordinal')::integer, 1 + max((c->>'ordinal')::integer) OVER (PARTITION BY h->>'id')),
               c->>'digest', c->>'name', coalesce(c->>'patch_kind', 'metadata')
        FROM jsonb_array_elements(history) h
        CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(h->'covers') = 'array' THEN h->'covers' END) c
        WHERE h->>'status' IN ('finished', 'rolled_back') AND h->>'kind' = 'realignment' AND h->'patch'->>'registry' = train.registry_id()::text
          AND h->'patch'->>'group' = group_name
    )
    INSERT INTO train.forgotten_patch (group_id, ordinal, digest, name, kind, target_id, deployment)
    SELECT DISTINCT ON (o.ordinal, o.digest) entry.group_id, o.ordinal, o.digest, o.name, o.kind, entry.id, o.deployment
    FROM told o
    WHERE o.ordinal IS NOT NULL AND o.digest IS NOT NULL
      AND NOT EXISTS (SELECT FROM train.patch p WHERE p.group_id = entry.group_id AND p.digest = o.digest)
    ORDER BY o.ordinal, o.digest, o.deployment
    ON CONFLICT ON CONSTRAINT forgotten_patch_pkey DO NOTHING;
$function$;
COMMENT ON FUNCTION train._note_forgotten(train.target, text, jsonb) IS 'notes patches that a target has and the registry has forgotten';
REVOKE ALL ON FUNCTION train._note_forgotten(train.target, text, jsonb) FROM PUBLIC;

