-- yesterday._plan_nodes(deployment, phase, again): fills the planner's workspace with the objects that
-- the deployment changed, each with what it is now (image "phase") and what it is to become.
--   again   only these types, and tables with these columns, which have their names of before by now
CREATE FUNCTION yesterday._plan_nodes(deployment bigint, phase text, again text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    DELETE FROM yesterday.plan_node p WHERE p.deployment = $1;
    INSERT INTO yesterday.plan_node (deployment, kind, repointed, classid, bobjid, aobjid, objid)
    SELECT $1, coalesce(b.kind, a.kind), x.repointed, x.classid, x.bobjid, x.aobjid,
           CASE WHEN $2 = 'after' THEN a.objid
                WHEN $3 IS NOT NULL THEN
                    (SELECT n.objid FROM yesterday.schema_object n
                     WHERE n.deployment = $1 AND n.phase = $2 AND n.classid = x.classid AND n.kind = b.kind AND n.identity = b.identity)
                WHEN a.objid IS NULL THEN
                    -- dropped by the deployment: does somebody's newer object have the name?
                    (SELECT n.objid FROM yesterday.schema_object n
                     WHERE n.deployment = $1 AND n.phase = $2 AND n.classid = x.classid
                       AND n.kind = b.kind AND n.identity = b.identity
                       -- not one that the deployment itself gave it to
                       AND NOT EXISTS (SELECT FROM yesterday.schema_object g
                                       WHERE g.deployment = $1 AND g.phase = 'after' AND g.classid = n.classid
                                         AND g.kind = b.kind AND g.identity = b.identity))
                ELSE yesterday._object_now($1, $2, x.classid, a.kind, a.objid, a.identity) END
    FROM yesterday._image_differences($1) x
    LEFT JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before'
                                       AND b.classid = x.classid AND b.objid = x.bobjid
    LEFT JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after'
                                       AND a.classid = x.classid AND a.objid = x.aobjid
    WHERE x.owned
      AND ($3 IS NULL OR b.identity = ANY ($3) AND x.bobjid = x.aobjid
           OR (b.kind = 'table' AND x.bobjid = x.aobjid AND EXISTS (SELECT FROM jsonb_array_elements(b.definition -> 'columns') c
                                            WHERE b.identity || '.' || quote_ident(c ->> 'name') = ANY ($3)))
           -- an index of these, too: the server makes it anew as it reads by then, without a COLLATE that is the column's as deployed
           OR (b.kind = 'index' AND EXISTS (SELECT FROM yesterday.schema_object t CROSS JOIN LATERAL jsonb_array_elements(t.definition -> 'columns') c
                                            WHERE t.deployment = $1 AND t.phase = 'before' AND t.classid = 'pg_class'::regclass AND t.objid = b.parent
                                              AND t.identity || '.' || quote_ident(c ->> 'name') = ANY ($3))));
    -- created, and gone by now
    DELETE FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.objid IS NULL AND p.bobjid IS NULL;
END
$function$;
COMMENT ON FUNCTION yesterday._plan_nodes(bigint, text, text[]) IS 'internal: objects that the inverse of a deployment touches';
REVOKE ALL ON FUNCTION yesterday._plan_nodes(bigint, text, text[]) FROM PUBLIC;

-- yesterday._object_now(deployment, phase, class, kind, object, identity): the object of an image that this one of the image "after" has
-- become: by address, unless the rollback of a later deployment made it anew: strict reverse order guarantees that its name is that of
-- the moment.
CREATE FUNCTION yesterday._object_now(deployment bigint, phase text, classid oid, kind text, objid oid, identity text) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE
        WHEN yesterday._same_cluster($1)
             AND (EXISTS (SELECT FROM yesterday.schema_object n
                          WHERE n.deployment = $1 AND n.phase = $2 AND n.classid = $3 AND n.objid = $5 AND n.kind = $4)
                  OR NOT EXISTS (SELECT FROM yesterday.deployment l WHERE l.id > $1 AND l.status IN ('rolled_back', 'abandoned'))) THEN
            (SELECT n.objid FROM yesterday.schema_object n
             WHERE n.deployment = $1 AND n.phase = $2 AND n.classid = $3 AND n.objid = $5 AND n.kind = $4)
        ELSE
            (SELECT n.objid FROM yesterday.schema_object n
             WHERE n.deployment = $1 AND n.phase = $2 AND n.classid = $3 AND n.kind = $4 AND n.identity = $6) END
$function$;
COMMENT ON FUNCTION yesterday._object_now(bigint, text, oid, text, oid, text) IS 'internal: what an object of an image has become';
REVOKE ALL ON FUNCTION yesterday._object_now(bigint, text, oid, text, oid, text) FROM PUBLIC;

-- yesterday._same_cluster(deployment): do OIDs recorded at finish still mean the same objects?
CREATE FUNCTION yesterday._same_cluster(deployment bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce((SELECT d.system_identifier = s.system_identifier
                            AND d.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                     FROM yesterday.deployment d, pg_control_system() s
                     WHERE d.id = $1), false)
$function$;
COMMENT ON FUNCTION yesterday._same_cluster(bigint) IS 'internal: this database is the one that the deployment ran in, not a restored copy';
REVOKE ALL ON FUNCTION yesterday._same_cluster(bigint) FROM PUBLIC;

