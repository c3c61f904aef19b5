-- yesterday._image_differences(deployment): objects that differ between the images before and
-- after. An object is the same as long as its OID is; one that was dropped and made again under
-- its old name is paired by name and marked "replaced".
--   owned   the deployment's, by the ledger
CREATE FUNCTION yesterday._image_differences(deployment bigint)
RETURNS TABLE (classid oid, bobjid oid, aobjid oid, replaced boolean, owned boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH b AS MATERIALIZED (
        SELECT o.* FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before'
    ), a AS MATERIALIZED (
        SELECT o.* FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'after'
    ), same AS MATERIALIZED (
        SELECT coalesce(b.classid, a.classid) AS classid, b.objid AS bobjid, a.objid AS aobjid,
               coalesce(b.kind, a.kind) AS kind, coalesce(b.identity, a.identity) AS identity
        FROM b FULL JOIN a ON a.classid = b.classid AND a.objid = b.objid
        WHERE b.objid IS NULL OR a.objid IS NULL OR a.definition <> b.definition
           OR a.owner IS DISTINCT FROM b.owner OR a.identity <> b.identity
    ), paired AS (
        SELECT g.classid, g.bobjid, m.aobjid, m.aobjid IS NOT NULL AND g.aobjid IS NULL AS replaced
        FROM same g
        LEFT JOIN same m ON g.aobjid IS NULL AND m.bobjid IS NULL
                        AND m.classid = g.classid AND m.kind = g.kind AND m.identity = g.identity
        WHERE g.bobjid IS NOT NULL AND g.aobjid IS NULL
        UNION ALL
        SELECT g.classid, g.bobjid, g.aobjid, false FROM same g
        WHERE g.aobjid IS NOT NULL AND g.bobjid IS NOT NULL
        UNION ALL
        SELECT g.classid, g.bobjid, g.aobjid, false FROM same g
        WHERE g.bobjid IS NULL
          AND NOT EXISTS (SELECT FROM same m WHERE m.aobjid IS NULL AND m.classid = g.classid
                          AND m.kind = g.kind AND m.identity = g.identity)
    ), mine AS MATERIALIZED (
        SELECT o.classid, o.objid FROM yesterday._deployment_objects($1, true) o
    )
    SELECT p.classid, p.bobjid, p.aobjid, p.replaced,
           EXISTS (SELECT FROM mine m WHERE m.classid = p.classid AND m.objid = p.bobjid)
           OR EXISTS (SELECT FROM mine m WHERE m.classid = p.classid AND m.objid = p.aobjid)
    FROM paired p
$function$;
COMMENT ON FUNCTION yesterday._image_differences(bigint) IS 'internal: objects that differ between the images before and after';
REVOKE ALL ON FUNCTION yesterday._image_differences(bigint) FROM PUBLIC;


-- yesterday._unexplained_differences(deployment): objects that changed while the deployment was open, and that nobody's entry in
-- the ledger names: commands that no event trigger sees. Not known whose they are, they are not undone.
CREATE FUNCTION yesterday._unexplained_differences(deployment bigint) RETURNS TABLE (kind text, identity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT o.kind, o.identity
    FROM yesterday._image_differences($1) x
    JOIN yesterday.schema_object o ON o.deployment = $1 AND o.classid = x.classid AND o.phase IN ('before', 'after')
                                  AND o.objid = CASE o.phase WHEN 'before' THEN x.bobjid ELSE x.aobjid END
    WHERE NOT x.owned
      AND NOT EXISTS (SELECT FROM yesterday._deployment_objects($1, false) f
                      WHERE f.classid = x.classid AND f.objid IN (x.bobjid, x.aobjid))
$function$;
COMMENT ON FUNCTION yesterday._unexplained_differences(bigint) IS 'internal: differences that no entry in the ledger explains';
REVOKE ALL ON FUNCTION yesterday._unexplained_differences(bigint) FROM PUBLIC;
