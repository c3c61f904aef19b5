-- yesterday._image_dependencies(deployment, phase): enters which object of a schema image needs
-- which. What the server keeps as objects of their own but a person does not see (the rule of
-- a view, the row type of a table, the index behind a constraint, ...) counts as the object
-- that it belongs to.
CREATE FUNCTION yesterday._image_dependencies(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    WITH alias AS MATERIALIZED (
        -- (class, object) -> node; sub NULL keeps the sub-object of the dependency
        SELECT 'pg_rewrite'::regclass::oid AS classid, w.oid AS objid,
               'pg_class'::regclass::oid AS nclass, w.ev_class AS nobj, 0 AS nsub
        FROM pg_rewrite w WHERE w.rulename = '_RETURN' AND w.oid >= 16384
        UNION ALL
        SELECT 'pg_attrdef'::regclass, d.oid,
               CASE WHEN a.attgenerated = '' THEN 'pg_attrdef'::regclass ELSE 'pg_class'::regclass END,
               d.adrelid, d.adnum
        FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid, 'pg_class'::regclass, t.typrelid, 0
        FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid
        WHERE c.relkind <> 'c' AND t.oid >= 16384
        UNION ALL
        SELECT 'pg_type'::regclass, t.typarray,
               CASE WHEN c.relkind <> 'c' THEN 'pg_class'::regclass ELSE 'pg_type'::regclass END,
               CASE WHEN c.relkind <> 'c' THEN t.typrelid ELSE t.oid END, 0
        FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typarray <> 0 AND t.oid >= 16384
        UNION ALL
        SELECT 'pg_type'::regclass, r.rngmultitypid, 'pg_type'::regclass, r.rngtypid, 0
        FROM pg_range r WHERE r.rngtypid >= 16384
        UNION ALL
        SELECT 'pg_class'::regclass, c.oid, 'pg_type'::regclass, c.reltype, 0
        FROM pg_class c WHERE c.relkind = 'c'
        UNION ALL
        SELECT 'pg_class'::regclass, k.conindid, 'pg_constraint'::regclass, k.oid, 0
        FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x')
        UNION ALL
        SELECT 'pg_constraint'::regclass, k.oid, 'pg_type'::regclass, k.contypid, 0
        FROM pg_constraint k WHERE k.contypid <> 0
        UNION ALL
        SELECT 'pg_constraint'::regclass, k.oid, 'pg_attribute'::regclass, k.conrelid, k.conkey[1]
        FROM pg_constraint k WHERE k.conrelid <> 0 AND k.contype = 'n'
        UNION ALL
        SELECT 'pg_class'::regclass, d.objid, 'pg_class'::regclass, d.refobjid, d.refobjsubid
        FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
          AND d.deptype = 'i'
        UNION ALL
        -- operators and functions of an operator class or family
        SELECT d.classid, d.objid, d.refclassid, d.refobjid, 0
        FROM pg_depend d
        WHERE d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) AND d.deptype IN ('i', 'a') AND d.objid >= 16384
          AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
        UNION ALL
        SELECT d.classid, d.objid, 'pg_extension'::regclass, d.refobjid, 0
        FROM pg_depend d WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
    ), edge AS (
        SELECT coalesce(a.nclass, d.classid) AS classid, coalesce(a.nobj, d.objid) AS objid,
               CASE WHEN a.nclass IS NULL THEN d.objsubid ELSE a.nsub END AS objsubid,
               coalesce(r.nclass, d.refclassid) AS refclassid, coalesce(r.nobj, d.refobjid) AS refobjid,
               CASE WHEN r.nclass IS NULL THEN d.refobjsubid ELSE r.nsub END AS refobjsubid
        FROM pg_depend d
        LEFT JOIN alias a ON a.classid = d.classid AND a.objid = d.objid
        LEFT JOIN alias r ON r.classid = d.refclassid AND r.objid = d.refobjid
        WHERE d.deptype <> 'e' AND d.objid >= 16384
    )
    INSERT INTO yesterday.schema_dependency
        (deployment, phase, classid, objid, objsubid, refclassid, refobjid, refobjsubid)
    SELECT DISTINCT $1, $2, n.*
    FROM edge e
    JOIN yesterday.schema_object o
        ON o.deployment = $1 AND o.phase = $2 AND o.objid = e.objid
       AND o.classid = CASE WHEN e.classid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass)
                            THEN 'pg_class'::regclass ELSE e.classid END
    JOIN yesterday.schema_object r
        ON r.deployment = $1 AND r.phase = $2 AND r.objid = e.refobjid
       AND r.classid = CASE WHEN e.refclassid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass)
                            THEN 'pg_class'::regclass ELSE e.refclassid END
    -- only tables have parts that count by themselves
    CROSS JOIN LATERAL (SELECT e.classid, e.objid,
        CASE WHEN o.kind IN ('table', 'foreign table') THEN e.objsubid ELSE 0 END,
        e.refclassid, e.refobjid,
        CASE WHEN r.kind IN ('table', 'foreign table') THEN e.refobjsubid ELSE 0 END
    ) AS n (classid, objid, objsubid, refclassid, refobjid, refobjsubid)
    WHERE (n.classid, n.objid, n.objsubid) IS DISTINCT FROM (n.refclassid, n.refobjid, n.refobjsubid);
END
$function$;
COMMENT ON FUNCTION yesterday._image_dependencies(bigint, text) IS 'internal: dependencies of a schema image';
REVOKE ALL ON FUNCTION yesterday._image_dependencies(bigint, text) FROM PUBLIC;

