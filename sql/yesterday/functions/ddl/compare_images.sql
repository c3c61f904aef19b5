-- yesterday._compare_images(deployment): takes an image afresh and compares it with the image of before, for what
-- the deployment touched: what only others changed meanwhile stays as they made it. One row a
-- property that differs.
CREATE FUNCTION yesterday._compare_images(deployment bigint)
RETURNS TABLE (kind text, identity text, property text, before text, now text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before') THEN
        RETURN;
    END IF;
    PERFORM yesterday._take_image($1, 'now');
    RETURN QUERY
    WITH b AS (
        SELECT o.* FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before'
    ), n AS (
        SELECT o.* FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'now'
    ), others AS MATERIALIZED (
        SELECT o.classid, o.objid FROM yesterday._deployment_objects($1, false) o
        EXCEPT
        SELECT m.classid, m.objid FROM yesterday._deployment_objects($1, true) m
    ), differing AS (
        SELECT coalesce(b.kind, n.kind) AS kind, coalesce(b.identity, n.identity) AS identity,
               CASE WHEN b.objid IS NOT NULL THEN yesterday._comparable(b.definition) || jsonb_build_object('owner', b.owner) END AS bd,
               CASE WHEN n.objid IS NOT NULL THEN yesterday._comparable(n.definition) || jsonb_build_object('owner', n.owner) END AS nd
        FROM b FULL JOIN n ON n.classid = b.classid AND n.kind = b.kind AND n.identity = b.identity
        WHERE (b.objid IS NULL OR n.objid IS NULL OR b.definition <> n.definition OR b.owner IS DISTINCT FROM n.owner)
          AND NOT EXISTS (SELECT FROM others o
                          WHERE o.classid = coalesce(n.classid, b.classid) AND o.objid IN (b.objid, n.objid))
          -- a broken index is repaired, or gone: no command makes one, and pg_dump leaves it out
          AND NOT (b.kind = 'index' AND yesterday._is_broken(b.definition) AND (n.objid IS NULL OR NOT n.definition ? 'valid'))
    )
    SELECT d.kind, d.identity, k.key, d.bd ->> k.key, d.nd ->> k.key
    FROM differing d
    CROSS JOIN LATERAL (SELECT jsonb_object_keys(d.bd) AS key UNION SELECT jsonb_object_keys(d.nd)) k
    WHERE d.bd IS NOT NULL AND d.nd IS NOT NULL AND d.bd -> k.key IS DISTINCT FROM d.nd -> k.key
    UNION ALL
    SELECT d.kind, d.identity, 'existence', CASE WHEN d.bd IS NULL THEN 'absent' ELSE 'present' END,
           CASE WHEN d.nd IS NULL THEN 'absent' ELSE 'present' END
    FROM differing d WHERE d.bd IS NULL OR d.nd IS NULL
    ORDER BY 1, 2, 3;
END
$function$;
COMMENT ON FUNCTION yesterday._compare_images(bigint) IS 'internal: compares the image of before with what is now';
REVOKE ALL ON FUNCTION yesterday._compare_images(bigint) FROM PUBLIC;

-- yesterday._comparable(definition): a definition without attribute numbers and ids, which shift and
-- nobody sees.
CREATE FUNCTION yesterday._comparable(def jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT def - 'label_ids' || CASE WHEN jsonb_typeof(def -> 'columns') = 'array' THEN jsonb_build_object('columns',
                       (SELECT coalesce(jsonb_agg(c.value - 'num' ORDER BY c.ordinality), '[]')
                        FROM jsonb_array_elements(def -> 'columns') WITH ORDINALITY AS c)) ELSE '{}' END
               || CASE WHEN jsonb_typeof(def -> 'attributes') = 'array' THEN jsonb_build_object('attributes',
                       (SELECT coalesce(jsonb_agg(c.value - 'num' ORDER BY c.ordinality), '[]')
                        FROM jsonb_array_elements(def -> 'attributes') WITH ORDINALITY AS c)) ELSE '{}' END
$function$;
COMMENT ON FUNCTION yesterday._comparable(jsonb) IS 'internal: a definition without attribute numbers';
REVOKE ALL ON FUNCTION yesterday._comparable(jsonb) FROM PUBLIC;

