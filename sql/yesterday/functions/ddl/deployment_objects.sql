-- yesterday._deployment_objects(deployment, member): objects that the ledger names, and what
-- depends on them: a difference in any other object is not the deployment's.
CREATE FUNCTION yesterday._deployment_objects(deployment bigint, member boolean)
RETURNS TABLE (classid oid, objid oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE named AS (
        SELECT CASE WHEN e.classid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass)
                    THEN 'pg_class'::regclass ELSE e.classid END AS classid, e.objid
        FROM yesterday.ddl_entry e
        WHERE e.deployment = $1 AND e.member = $2 AND e.objid IS NOT NULL
        UNION
        -- composite types, indexes and constraints of domains are entered by an address that is another one when they
        -- were made anew since (an index by REINDEX CONCURRENTLY); what they were called then is in the images
        SELECT o.classid, o.objid
        FROM yesterday.ddl_entry e
        JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase IN ('before', 'after')
                                      AND o.kind = e.object_type AND o.identity = e.identity
        WHERE e.deployment = $1 AND e.member = $2 AND e.object_type IN ('composite type', 'index')
        UNION
        -- the index of a constraint by either; looked up, not joined: the ledger has no statistics, and each entry would be held
        -- against each constraint
        SELECT o.classid, o.objid
        FROM yesterday.schema_object o
        WHERE o.deployment = $1 AND o.phase IN ('before', 'after') AND o.kind = 'constraint' AND o.definition ->> 'type' IN ('p', 'u', 'x')
          AND (format('%I.%I', o.schema_name, coalesce(o.definition ->> 'index', o.object_name)) IN (
                   SELECT e.identity FROM yesterday.ddl_entry e
                   WHERE e.deployment = $1 AND e.member = $2 AND e.object_type = 'index')) IS TRUE
        UNION
        SELECT o.classid, o.objid
        FROM yesterday.ddl_entry e
        JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase IN ('before', 'after') AND o.kind = 'domain'
                                      AND right(e.identity, length(o.identity) + 4) = ' on ' || o.identity
        WHERE e.deployment = $1 AND e.member = $2 AND e.object_type = 'domain constraint'
        UNION
        SELECT CASE WHEN d.classid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass)
                    THEN 'pg_class'::regclass ELSE d.classid END, d.objid
        FROM named n
        JOIN yesterday.schema_dependency d
            ON d.deployment = $1 AND d.phase IN ('before', 'after')
           AND d.refobjid = n.objid
           AND (d.refclassid = n.classid
                OR (n.classid = 'pg_class'::regclass
                    AND d.refclassid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass)))
           -- what others put into a schema is theirs, whatever becomes of the schema
           AND NOT (n.classid = 'pg_namespace'::regclass AND EXISTS (
                    SELECT FROM yesterday.ddl_entry o
                    WHERE o.deployment = $1 AND o.member <> $2 AND o.classid = d.classid AND o.objid = d.objid))
    )
    SELECT n.classid, n.objid FROM named n
    UNION
    -- a composite type goes by its relation
    SELECT 'pg_type'::regclass, c.reltype
    FROM named n JOIN pg_class c ON n.classid = 'pg_class'::regclass AND c.oid = n.objid AND c.relkind = 'c'
    UNION
    -- and a domain's constraint by the domain
    SELECT 'pg_type'::regclass, k.contypid
    FROM named n JOIN pg_constraint k ON n.classid = 'pg_constraint'::regclass AND k.oid = n.objid AND k.contypid <> 0
    UNION
    -- a NOT NULL is a property of a column, though it may be entered by its own name
    SELECT 'pg_class'::regclass, k.conrelid
    FROM named n JOIN pg_constraint k ON n.classid = 'pg_constraint'::regclass AND k.oid = n.objid
                                     AND k.contype = 'n' AND k.conrelid <> 0
    UNION
    -- an extension has the privileges on its members
    SELECT d.refclassid, d.refobjid
    FROM named n JOIN pg_depend d ON d.classid = n.classid AND d.objid = n.objid AND d.deptype = 'e'
    UNION
    -- a table has marks that name its indexes
    SELECT 'pg_class'::regclass, o.parent
    FROM named n JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase IN ('before', 'after')
                                               AND o.classid = n.classid AND o.objid = n.objid
    -- but that a foreign key depends on what was changed makes nothing else of its table the deployment's
    WHERE o.parent IS NOT NULL AND (o.kind <> 'constraint' OR o.definition ->> 'type' <> 'f')
    -- an extension's, or a dropped index's, constraint is entered as both
    UNION
    SELECT 'pg_constraint'::regclass, k.oid
    FROM named n JOIN pg_constraint k ON k.conindid = n.objid AND n.classid = 'pg_class'::regclass;
END
$function$;
COMMENT ON FUNCTION yesterday._deployment_objects(bigint, boolean) IS 'internal: objects that the ledger names, with their dependants';
REVOKE ALL ON FUNCTION yesterday._deployment_objects(bigint, boolean) FROM PUBLIC;

