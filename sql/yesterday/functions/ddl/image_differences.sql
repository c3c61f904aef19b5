-- yesterday._image_differences(deployment): objects that differ between the images before and
-- after. An object is the same as long as its OID is; one that was dropped and made again under
-- its old name is paired by name and marked "replaced".
--   owned       the deployment's, by the ledger
--   repointed   it says the same, but of another object that has the name by now (_repointed)
CREATE FUNCTION yesterday._image_differences(deployment bigint)
RETURNS TABLE (classid oid, bobjid oid, aobjid oid, replaced boolean, owned boolean, repointed boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $function$
    WITH repointed AS MATERIALIZED (
        SELECT r.classid, r.objid FROM yesterday._repointed($1) r
    ), b AS MATERIALIZED (
        SELECT o.* FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before'
    ), a AS MATERIALIZED (
        SELECT o.* FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'after'
    ), same AS MATERIALIZED (
        SELECT coalesce(b.classid, a.classid) AS classid, b.objid AS bobjid, a.objid AS aobjid,
               coalesce(b.kind, a.kind) AS kind, coalesce(b.identity, a.identity) AS identity,
               b.objid IS NULL OR a.objid IS NULL OR a.definition <> b.definition
               OR a.owner IS DISTINCT FROM b.owner OR a.identity <> b.identity AS differs
        FROM b FULL JOIN a ON a.classid = b.classid AND a.objid = b.objid
        WHERE b.objid IS NULL OR a.objid IS NULL OR a.definition <> b.definition
           OR a.owner IS DISTINCT FROM b.owner OR a.identity <> b.identity
           OR EXISTS (SELECT FROM repointed r WHERE r.classid = b.classid AND r.objid = b.objid)
    ), paired AS (
        SELECT g.classid, g.bobjid, m.aobjid, m.aobjid IS NOT NULL AND g.aobjid IS NULL AS replaced, true AS differs
        FROM same g
        LEFT JOIN same m ON g.aobjid IS NULL AND m.bobjid IS NULL
                        AND m.classid = g.classid AND m.kind = g.kind AND m.identity = g.identity
        WHERE g.bobjid IS NOT NULL AND g.aobjid IS NULL
        UNION ALL
        SELECT g.classid, g.bobjid, g.aobjid, false, g.differs FROM same g
        WHERE g.aobjid IS NOT NULL AND g.bobjid IS NOT NULL
        UNION ALL
        SELECT g.classid, g.bobjid, g.aobjid, false, true FROM same g
        WHERE g.bobjid IS NULL
          AND NOT EXISTS (SELECT FROM same m WHERE m.aobjid IS NULL AND m.classid = g.classid
                          AND m.kind = g.kind AND m.identity = g.identity)
    ), mine AS MATERIALIZED (
        SELECT o.classid, o.objid FROM yesterday._deployment_objects($1, true) o
    )
    SELECT p.classid, p.bobjid, p.aobjid, p.replaced, o.owned,
           EXISTS (SELECT FROM repointed r WHERE r.classid = p.classid AND r.objid = p.bobjid)
    FROM paired p
    CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM mine m WHERE m.classid = p.classid AND m.objid = p.bobjid)
               OR EXISTS (SELECT FROM mine m WHERE m.classid = p.classid AND m.objid = p.aobjid) AS owned
    ) o
    WHERE p.differs OR o.owned
$function$;
COMMENT ON FUNCTION yesterday._image_differences(bigint) IS 'internal: objects that differ between the images before and after';
REVOKE ALL ON FUNCTION yesterday._image_differences(bigint) FROM PUBLIC;

-- yesterday._repointed(deployment): objects of before that needed something which the deployment gave another name, and need it no
-- more. By then they may have the same text and mean another object, which has got the name: a view over a table that a copy was
-- put in the place of, a default of a sequence, the index that a table is clustered on. Or another one has their name and text.
CREATE FUNCTION yesterday._repointed(deployment bigint) RETURNS TABLE (classid oid, objid oid)
-- images joined as wholes: without statistics, look-ups one by one would read them over and over
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $function$
    WITH kept AS MATERIALIZED (
        SELECT b.classid, b.objid, b.kind, b.parent, b.object_name, b.identity AS identity_before, a.identity AS identity_after,
               b.definition -> 'columns' AS columns_before, a.definition -> 'columns' AS columns_after
        FROM yesterday.schema_object b
        JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = b.classid AND a.objid = b.objid
        WHERE b.deployment = $1 AND b.phase = 'before'
          AND (a.identity <> b.identity OR a.definition -> 'columns' <> b.definition -> 'columns')
    ), renamed AS MATERIALIZED (
        SELECT k.classid, k.objid, 0 AS objsubid FROM kept k WHERE k.identity_after <> k.identity_before
        UNION ALL
        SELECT k.classid, k.objid, (b ->> 'num')::integer
        FROM kept k
        CROSS JOIN LATERAL jsonb_array_elements(k.columns_before) b
        -- renamed, or another one has its name
        JOIN LATERAL jsonb_array_elements(k.columns_after) a ON (a -> 'num' = b -> 'num') <> (a -> 'name' = b -> 'name')
        WHERE k.columns_before <> k.columns_after
    )
    SELECT CASE WHEN d.classid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass) THEN 'pg_class'::regclass ELSE d.classid END, d.objid
    FROM renamed r
    JOIN yesterday.schema_dependency d ON d.deployment = $1 AND d.phase = 'before' AND d.refclassid = r.classid AND d.refobjid = r.objid
                                      AND (r.objsubid = 0 OR d.refobjsubid = r.objsubid)
    WHERE NOT EXISTS (SELECT FROM yesterday.schema_dependency n
                      WHERE n.deployment = $1 AND n.phase = 'after' AND n.refclassid = d.refclassid AND n.refobjid = d.refobjid
                        AND n.refobjsubid = d.refobjsubid AND n.classid = d.classid AND n.objid = d.objid AND n.objsubid = d.objsubid)
    UNION
    -- marks of a table on its indexes are no dependencies
    SELECT 'pg_class'::regclass, k.parent
    FROM kept k
    JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = 'pg_class'::regclass AND b.objid = k.parent
    JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = 'pg_class'::regclass AND a.objid = k.parent
    WHERE k.kind IN ('index', 'constraint') AND k.identity_after <> k.identity_before
      AND (b.definition ->> 'replica_index' = k.object_name AND a.definition ->> 'replica_index' = k.object_name
           OR b.definition ->> 'clustered_on' = k.object_name AND a.definition ->> 'clustered_on' = k.object_name)
    UNION
    -- what was moved to a schema that then got the name of its own
    SELECT d.classid, d.objid
    FROM yesterday.schema_dependency d
    JOIN yesterday.schema_dependency n ON n.deployment = $1 AND n.phase = 'after' AND n.refclassid = 'pg_namespace'::regclass
                                      AND n.classid = d.classid AND n.objid = d.objid AND n.refobjid <> d.refobjid
    JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = d.classid AND b.objid = d.objid
    JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = d.classid AND a.objid = d.objid
                                  AND a.identity = b.identity
    WHERE d.deployment = $1 AND d.phase = 'before' AND d.refclassid = 'pg_namespace'::regclass AND d.objsubid = 0 AND n.objsubid = 0
$function$;
COMMENT ON FUNCTION yesterday._repointed(bigint) IS 'internal: objects that need no more what has another name since';
REVOKE ALL ON FUNCTION yesterday._repointed(bigint) FROM PUBLIC;

-- yesterday._needs_others(deployment, phase, class, object, object after): an object that needs no more, in the image "phase", what it needed when
-- the deployment had finished and what is still there: others have led it elsewhere, whatever it says.
CREATE FUNCTION yesterday._needs_others(deployment bigint, phase text, classid oid, objid oid, aobjid oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM yesterday.schema_dependency a
        JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = $2 AND o.classid = a.refclassid AND o.objid = a.refobjid
        WHERE a.deployment = $1 AND a.phase = 'after' AND a.classid = $3 AND a.objid = $5
          AND NOT EXISTS (SELECT FROM yesterday.schema_dependency n
                          WHERE n.deployment = $1 AND n.phase = $2 AND n.classid = $3 AND n.objid = $4
                            AND n.refclassid = a.refclassid AND n.refobjid = a.refobjid))
$function$;
COMMENT ON FUNCTION yesterday._needs_others(bigint, text, oid, oid, oid) IS 'internal: whether others have led an object elsewhere since';
REVOKE ALL ON FUNCTION yesterday._needs_others(bigint, text, oid, oid, oid) FROM PUBLIC;

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
