-- yesterday._rename_candidates(deployment, phase): what was there before, was there when the deployment had finished and is
-- there now, with its names of the three times, in the order in which names are given back: schemas first.
CREATE FUNCTION yesterday._rename_candidates(deployment bigint, phase text)
RETURNS TABLE (classid oid, objid oid, bobjid oid, kind_of text, name_before text, name_after text, name_now text,
               schema_before name, schema_now name, schema_after name, relation oid, holder name, moved boolean,
               columns_before jsonb, columns_after jsonb, columns_now jsonb,
               attributes_before jsonb, attributes_after jsonb, attributes_now jsonb,
               labels_before jsonb, labels_after jsonb, labels_now jsonb, ids_before jsonb, ids_after jsonb)
-- images joined as wholes: without statistics, look-ups one by one would read them over and over
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH schema_names AS MATERIALIZED (
        SELECT b.object_name AS name_before, a.object_name AS name_after
        FROM yesterday.schema_object a
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = a.classid AND b.objid = a.objid
        WHERE a.deployment = $1 AND a.phase = 'after' AND a.kind = 'schema')
    SELECT p.classid, p.objid, p.bobjid, p.kind AS kind_of, b.object_name AS name_before, a.object_name AS name_after,
           n.object_name AS name_now, b.schema_name AS schema_before, n.schema_name AS schema_now,
           a.schema_name AS schema_after, t.objid AS relation,
           CASE p.kind WHEN 'statistics' THEN n.owner ELSE coalesce(t.owner, n.owner) END AS holder,
           -- a schema that was renamed takes its objects with it
           b.schema_name IS DISTINCT FROM coalesce(s.name_before, a.schema_name)
           AND p.kind NOT IN ('schema', 'index', 'constraint', 'trigger', 'rule', 'policy')
           -- and so does a table with the sequences of its columns
           AND NOT (p.kind = 'sequence' AND n.definition ? 'owned_by') AS moved,
           b.definition -> 'columns' AS columns_before, a.definition -> 'columns' AS columns_after,
           -- columns of a typed table follow the type
           CASE WHEN NOT n.definition ? 'of_type' THEN n.definition -> 'columns' END AS columns_now,
           b.definition -> 'attributes' AS attributes_before, a.definition -> 'attributes' AS attributes_after,
           n.definition -> 'attributes' AS attributes_now,
           b.definition -> 'labels' AS labels_before, a.definition -> 'labels' AS labels_after,
           n.definition -> 'labels' AS labels_now,
           b.definition -> 'label_ids' AS ids_before, a.definition -> 'label_ids' AS ids_after
    FROM yesterday.plan_node p
    JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = p.classid AND b.objid = p.bobjid
    JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = p.classid AND a.objid = p.aobjid
    JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $2 AND n.classid = p.classid AND n.objid = p.objid
    LEFT JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = $2 AND t.classid = 'pg_class'::regclass AND t.objid = n.parent
    LEFT JOIN schema_names s ON s.name_after = a.schema_name
    WHERE p.deployment = $1 AND p.bobjid = p.aobjid
      -- those follow what they come from
      AND NOT (n.definition ? 'inherited' AND p.kind = 'trigger')
      AND NOT (n.definition ? 'parents' AND n.definition ->> 'type' = 'c' AND p.kind = 'constraint')
      AND p.kind IN ('schema', 'table', 'foreign table', 'view', 'materialized view', 'sequence', 'index', 'constraint', 'trigger',
                     'rule', 'policy', 'statistics', 'function', 'procedure', 'aggregate', 'enum', 'composite type',
                     'domain', 'range', 'operator', 'operator class', 'operator family', 'language', 'collation', 'conversion',
                     'text search parser', 'text search template', 'text search dictionary', 'text search configuration',
                     'publication', 'foreign-data wrapper', 'server', 'event trigger', 'extension')
    ORDER BY p.kind <> 'schema', p.kind NOT IN ('table', 'view', 'materialized view', 'sequence'), p.node;
END
$function$;
COMMENT ON FUNCTION yesterday._rename_candidates(bigint, text) IS 'internal: names of three times of what a deployment may have renamed';
REVOKE ALL ON FUNCTION yesterday._rename_candidates(bigint, text) FROM PUBLIC;
