-- What became of a table as such in a deployment or one after it, newest first: created,
-- replaced (dropped and made anew), renamed, or columns renamed. Bound by name, as everything
-- is across deployments.
CREATE FUNCTION yesterday._table_since(schema_name name, table_name name, since bigint)
RETURNS TABLE (deployment bigint, event text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT d.id,
           CASE WHEN b.objid IS NULL AND o.objid IS NULL THEN 'created'
                WHEN b.objid IS NULL THEN 'replaced'
                WHEN b.identity <> a.identity THEN 'renamed'
                ELSE 'columns renamed' END,
           CASE WHEN b.identity <> a.identity THEN format('it was %s', b.identity) ELSE n.renamed END
    FROM yesterday.deployment d
    JOIN yesterday.schema_object a ON a.deployment = d.id AND a.phase = 'after' AND a.kind = 'table'
                                  AND a.schema_name = $1 AND a.object_name = $2
    LEFT JOIN yesterday.schema_object b ON b.deployment = d.id AND b.phase = 'before'
                                       AND b.classid = a.classid AND b.objid = a.objid
    LEFT JOIN yesterday.schema_object o ON o.deployment = d.id AND o.phase = 'before' AND o.kind = 'table'
                                       AND o.identity = a.identity
    LEFT JOIN LATERAL (
        SELECT string_agg(format('%s was %s', ac->>'name', bc->>'name'), ', ') AS renamed
        FROM jsonb_array_elements(a.definition->'columns') ac
        JOIN jsonb_array_elements(b.definition->'columns') bc ON bc->'num' = ac->'num' AND bc->'name' <> ac->'name'
    ) n ON true
    WHERE d.id >= since AND d.status IN ('open', 'finished')
      AND (b.objid IS NULL OR b.identity <> a.identity OR n.renamed IS NOT NULL)
    ORDER BY d.id DESC;
$function$;
COMMENT ON FUNCTION yesterday._table_since(name, name, bigint) IS 'what deployments since did to a table as such';
REVOKE ALL ON FUNCTION yesterday._table_since(name, name, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._table_since(name, name, bigint) TO yesterday_viewer;
