-- yesterday._plan_implied(deployment, phase): marks what goes by itself when its table, or column,
-- is dropped, so that the inverse reads as a person would write it. Only where everything else
-- that it needs stays, or goes with the same table: else it must be dropped by name, first.
CREATE FUNCTION yesterday._plan_implied(deployment bigint, phase text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
    WITH container AS (
        SELECT p.node, p.classid, p.objid, p.objsubid, max(c.node) AS container
        FROM yesterday.plan_node p
        JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $2 AND n.objid = p.objid
                                      AND n.classid = CASE WHEN p.kind IN ('default', 'not null')
                                                           THEN 'pg_class'::regclass ELSE p.classid END
        JOIN yesterday.plan_node c ON c.deployment = $1 AND c.action = 'drop' AND c.node <> p.node
                                  AND c.classid = 'pg_class'::regclass
        WHERE p.deployment = $1 AND p.action = 'drop'
          AND ((c.objid = n.parent AND c.objsubid = 0)
               OR (p.kind IN ('default', 'not null') AND c.objid = p.objid AND c.kind = 'column'
                   AND c.objsubid = p.objsubid)
               OR (p.kind = 'sequence' AND EXISTS (
                       SELECT FROM yesterday.schema_dependency d
                       WHERE d.deployment = $1 AND d.phase = $2 AND d.classid = p.classid AND d.objid = p.objid
                         AND d.refclassid = c.classid AND d.refobjid = c.objid
                         AND c.objsubid IN (d.refobjsubid, 0))))
        GROUP BY p.node, p.classid, p.objid, p.objsubid
    )
    UPDATE yesterday.plan_node p SET implied = true, parent = k.container
    FROM container k
    WHERE p.deployment = $1 AND p.node = k.node
      AND NOT EXISTS (
          SELECT FROM yesterday.schema_dependency d
          JOIN yesterday.plan_node z ON z.deployment = $1 AND z.action IN ('drop', 'recreate')
                                    AND z.classid = d.refclassid AND z.objid = d.refobjid
                                    AND z.objsubid IN (d.refobjsubid, 0)
          LEFT JOIN container zk ON zk.node = z.node
          WHERE d.deployment = $1 AND d.phase = $2 AND d.classid = k.classid AND d.objid = k.objid
            AND (d.objsubid = k.objsubid OR k.objsubid = 0)
            AND z.kind <> 'schema'
            AND coalesce(zk.container, z.node) <> k.container)
$function$;
COMMENT ON FUNCTION yesterday._plan_implied(bigint, text) IS 'internal: what goes with the table that it belongs to';
REVOKE ALL ON FUNCTION yesterday._plan_implied(bigint, text) FROM PUBLIC;

