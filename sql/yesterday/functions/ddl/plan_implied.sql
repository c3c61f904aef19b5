-- yesterday._plan_implied(deployment, phase): marks what goes by itself when its table, or column,
-- is dropped, so that the inverse reads as a person would write it. Only where everything else
-- that it needs stays, or goes with the same table: else it must be dropped by name, first.
CREATE FUNCTION yesterday._plan_implied(deployment bigint, phase text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
    WITH going AS MATERIALIZED (
        SELECT p.node, p.kind, p.classid, p.objid, p.objsubid FROM yesterday.plan_node p
        WHERE p.deployment = $1 AND p.action = 'drop' AND p.objid IS NOT NULL
    ), container AS MATERIALIZED (
        SELECT u.node, u.classid, u.objid, u.objsubid, max(u.container) AS container
        FROM (
            SELECT g.node, g.classid, g.objid, g.objsubid, c.node AS container
            FROM going g
            JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $2 AND n.classid = g.classid AND n.objid = g.objid
            JOIN going c ON c.classid = 'pg_class'::regclass AND c.objid = n.parent AND c.objsubid = 0
            UNION ALL
            SELECT g.node, g.classid, g.objid, g.objsubid, c.node
            FROM going g
            JOIN going c ON c.kind = 'column' AND c.objid = g.objid AND c.objsubid = g.objsubid
            WHERE g.kind IN ('default', 'not null')
            UNION ALL
            SELECT g.node, g.classid, g.objid, g.objsubid, c.node
            FROM yesterday.schema_dependency d
            JOIN going g ON g.classid = d.classid AND g.objid = d.objid AND g.kind = 'sequence'
            JOIN going c ON c.classid = d.refclassid AND c.objid = d.refobjid AND c.objsubid IN (d.refobjsubid, 0)
            WHERE d.deployment = $1 AND d.phase = $2 AND d.refclassid = 'pg_class'::regclass
            UNION ALL
            -- columns of a typed table go with the attribute
            SELECT g.node, g.classid, g.objid, g.objsubid, y.node
            FROM going g
            JOIN yesterday.plan_node t ON t.deployment = $1 AND t.kind = 'table' AND t.classid = g.classid AND t.objid = g.objid
            JOIN yesterday.plan_node y ON y.deployment = $1 AND y.kind = 'composite type' AND y.goal_identity = t.now_def ->> 'of_type'
            WHERE g.kind = 'column'
        ) u
        WHERE u.container <> u.node
        GROUP BY u.node, u.classid, u.objid, u.objsubid
    ), by_name AS MATERIALIZED (
        SELECT k.node
        FROM yesterday.schema_dependency d
        JOIN container k ON k.classid = d.classid AND k.objid = d.objid AND (d.objsubid = k.objsubid OR k.objsubid = 0)
        JOIN yesterday.plan_node z ON z.deployment = $1 AND z.action IN ('drop', 'recreate') AND z.kind <> 'schema'
                                  AND z.classid = d.refclassid AND z.objid = d.refobjid
                                  AND z.objsubid IN (d.refobjsubid, 0)
        LEFT JOIN container zk ON zk.node = z.node
        WHERE d.deployment = $1 AND d.phase = $2 AND coalesce(zk.container, z.node) <> k.container
    )
    UPDATE yesterday.plan_node p SET implied = true, parent = k.container
    FROM container k
    WHERE p.deployment = $1 AND p.node = k.node AND k.node NOT IN (SELECT n.node FROM by_name n)
$function$;
COMMENT ON FUNCTION yesterday._plan_implied(bigint, text) IS 'internal: what goes with the table that it belongs to';
REVOKE ALL ON FUNCTION yesterday._plan_implied(bigint, text) FROM PUBLIC;

