-- yesterday._labels_before(deployment, enum): the labels that an enum had before a deployment, under their names of then.
CREATE FUNCTION yesterday._labels_before(deployment bigint, enum_type oid) RETURNS TABLE (id oid, label text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT i.id::oid, b.definition -> 'labels' ->> (i.place - 1)::integer
    FROM yesterday.schema_object b
    CROSS JOIN LATERAL jsonb_array_elements_text(b.definition -> 'label_ids') WITH ORDINALITY AS i (id, place)
    WHERE b.deployment = $1 AND b.phase = 'before' AND b.classid = 'pg_type'::regclass AND b.objid = $2 AND b.kind = 'enum'
$function$;
COMMENT ON FUNCTION yesterday._labels_before(bigint, oid) IS 'internal: labels of an enum before a deployment';
REVOKE ALL ON FUNCTION yesterday._labels_before(bigint, oid) FROM PUBLIC;

-- yesterday._renamed_labels(captured table, enum): labels of an enum of this name that the deployment of a table under capture
-- renamed: what they were called before it, and after.
CREATE FUNCTION yesterday._renamed_labels(captured_table bigint, enum_name text) RETURNS TABLE (label text, renamed text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT l.label, l.renamed
    FROM yesterday.captured_table c
    JOIN yesterday.schema_object a ON a.deployment = c.deployment AND a.phase = 'after' AND a.kind = 'enum' AND a.identity = $2
    JOIN yesterday.schema_object b ON b.deployment = c.deployment AND b.phase = 'before' AND b.classid = a.classid AND b.objid = a.objid
    CROSS JOIN LATERAL (
        SELECT b.definition -> 'labels' ->> (x.place - 1)::integer AS label, a.definition -> 'labels' ->> (y.place - 1)::integer AS renamed
        FROM jsonb_array_elements(b.definition -> 'label_ids') WITH ORDINALITY AS x (id, place)
        JOIN jsonb_array_elements(a.definition -> 'label_ids') WITH ORDINALITY AS y (id, place) ON y.id = x.id
    ) l
    WHERE c.id = $1 AND l.label <> l.renamed
$function$;
COMMENT ON FUNCTION yesterday._renamed_labels(bigint, text) IS 'internal: labels that a deployment renamed';
REVOKE ALL ON FUNCTION yesterday._renamed_labels(bigint, text) FROM PUBLIC;
