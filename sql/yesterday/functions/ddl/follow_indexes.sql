-- yesterday._follow_indexes(deployment, phase): REINDEX CONCURRENTLY makes another index of an index, and gives it the name.
-- Nobody means to change anything by it, and it happens at any time, in any session: an index of an earlier image that
-- was made anew so is given the address that it has in the image "phase", wherever the deployment speaks of it.
--   after   what became of the indexes of before, through every name that the ledger knows of
--   now     what became of the indexes of after
CREATE FUNCTION yesterday._follow_indexes(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    moved record;
BEGIN
    IF NOT yesterday._same_cluster($1) THEN
        RETURN;                         -- addresses mean nothing here
    END IF;
    FOR moved IN
        SELECT f.objid, f.follower FROM yesterday._indexes_followed($1) f WHERE $2 = 'after'
        UNION ALL
        SELECT s.objid, s.follower FROM yesterday._indexes_since($1) s WHERE $2 = 'now'
    LOOP
        UPDATE yesterday.schema_object o SET objid = moved.follower
        WHERE o.deployment = $1 AND o.phase IN ('before', 'after') AND o.phase <> $2
          AND o.classid = 'pg_class'::regclass AND o.objid = moved.objid;
        UPDATE yesterday.schema_dependency d SET objid = moved.follower
        WHERE d.deployment = $1 AND d.phase IN ('before', 'after') AND d.phase <> $2
          AND d.classid = 'pg_class'::regclass AND d.objid = moved.objid;
        UPDATE yesterday.schema_dependency d SET refobjid = moved.follower
        WHERE d.deployment = $1 AND d.phase IN ('before', 'after') AND d.phase <> $2
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid = moved.objid;
        UPDATE yesterday.ddl_entry e SET objid = moved.follower
        WHERE e.deployment = $1 AND e.classid = 'pg_class'::regclass AND e.objid = moved.objid;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._follow_indexes(bigint, text) IS 'internal: gives indexes that were made anew the address that they have now';
REVOKE ALL ON FUNCTION yesterday._follow_indexes(bigint, text) FROM PUBLIC;

-- yesterday._indexes_followed(deployment): addresses that indexes of before had, and the one that they have after the deployment,
-- or had when they were dropped. The ledger is read in its order: a name stands for the same index until it is
-- given away or the index is dropped.
CREATE FUNCTION yesterday._indexes_followed(deployment bigint) RETURNS TABLE (objid oid, follower oid)
-- images joined as wholes: without statistics, look-ups one by one would read them over and over
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $function$
    WITH RECURSIVE gone AS MATERIALIZED (
        SELECT b.objid, b.parent, b.object_name, ARRAY[b.schema_name, t.schema_name]::text[] AS schemas
        FROM yesterday.schema_object b
        -- parts of a table that went need no place of their own
        JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'after' AND t.classid = b.classid AND t.objid = b.parent
        WHERE b.deployment = $1 AND b.phase = 'before' AND b.kind = 'index'
          AND NOT EXISTS (SELECT FROM yesterday.schema_object a WHERE a.deployment = $1 AND a.phase = 'after'
                                                                AND a.classid = b.classid AND a.objid = b.objid)
    ), entry AS MATERIALIZED (
        SELECT e.seq, e.event, e.tag, e.objid, n.name[1] AS schema_name, n.name[2] AS name, coalesce(n.was[2], n.name[2]) AS was
        FROM yesterday.ddl_entry e
        CROSS JOIN LATERAL (SELECT parse_ident(e.identity), parse_ident(e.was)) n (name, was)
        WHERE e.deployment = $1 AND e.object_type = 'index' AND e.objid IS NOT NULL AND EXISTS (SELECT FROM gone)
    ), way AS (
        SELECT g.objid AS first, g.objid, g.object_name AS name, 0::bigint AS seq, false AS ended, false AS dropped
        FROM gone g
        UNION ALL
        SELECT w.first, e.objid, e.name, e.seq, e.event = 'drop' OR e.made, e.event = 'drop'
        FROM way w
        JOIN gone g ON g.objid = w.first
        CROSS JOIN LATERAL (
            SELECT i.*, i.tag = 'CREATE INDEX' AND i.objid <> w.objid AS made FROM entry i
            WHERE i.seq > w.seq AND (i.objid = w.objid OR (i.schema_name = ANY (g.schemas) AND i.was = w.name))
            ORDER BY i.seq LIMIT 1) e
        WHERE NOT w.ended
    ), last AS (
        SELECT DISTINCT ON (w.first) w.* FROM way w ORDER BY w.first, w.seq DESC
    ), arrived AS (
        SELECT l.first, CASE WHEN l.dropped THEN l.objid ELSE a.objid END AS follower
        FROM last l
        JOIN gone g ON g.objid = l.first
        LEFT JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.kind = 'index'
                                           AND a.parent = g.parent AND a.object_name = l.name
        WHERE l.dropped OR NOT l.ended
    ), passed AS (
        -- addresses that it had in between, of which entries speak
        SELECT w.first, w.objid FROM way w WHERE NOT w.ended OR w.dropped
    )
    SELECT DISTINCT p.objid, a.follower
    FROM arrived a
    JOIN passed p ON p.first = a.first
    WHERE a.follower IS NOT NULL AND p.objid <> a.follower
      AND NOT EXISTS (SELECT FROM yesterday.schema_object b WHERE b.deployment = $1 AND b.phase = 'before'
                                                             AND b.classid = 'pg_class'::regclass AND b.objid = a.follower)
      AND (SELECT count(*) FROM arrived o WHERE o.follower = a.follower) = 1
$function$;
COMMENT ON FUNCTION yesterday._indexes_followed(bigint) IS 'internal: what became of indexes while a deployment was open';
REVOKE ALL ON FUNCTION yesterday._indexes_followed(bigint) FROM PUBLIC;

-- yesterday._indexes_since(deployment): addresses that indexes had after the deployment, and those that they have now. No ledger
-- tells what happened since: it is the same index if it has the name and the shape; one that was there before the deployment
-- may have got another name from somebody, where its shape leaves no doubt.
CREATE FUNCTION yesterday._indexes_since(deployment bigint) RETURNS TABLE (objid oid, follower oid)
-- images joined as wholes: without statistics, look-ups one by one would read them over and over
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $function$
    WITH gone AS MATERIALIZED (
        SELECT a.objid, a.parent, a.object_name, yesterday._index_shape(a.object_name, t.identity, a.definition) AS shape,
               EXISTS (SELECT FROM yesterday.schema_object b WHERE b.deployment = $1 AND b.phase = 'before'
                                                               AND b.classid = a.classid AND b.objid = a.objid) AS is_old
        FROM yesterday.schema_object a
        JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'after' AND t.classid = a.classid AND t.objid = a.parent
        WHERE a.deployment = $1 AND a.phase = 'after' AND a.kind = 'index'
          AND NOT EXISTS (SELECT FROM yesterday.schema_object n WHERE n.deployment = $1 AND n.phase = 'now'
                                                                AND n.classid = a.classid AND n.objid = a.objid)
    ), new AS MATERIALIZED (
        SELECT n.objid, n.parent, n.object_name, yesterday._index_shape(n.object_name, t.identity, n.definition) AS shape
        FROM yesterday.schema_object n
        JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'now' AND t.classid = n.classid AND t.objid = n.parent
        WHERE n.deployment = $1 AND n.phase = 'now' AND n.kind = 'index' AND n.parent IN (SELECT g.parent FROM gone g)
          AND NOT EXISTS (SELECT FROM yesterday.schema_object a WHERE a.deployment = $1 AND a.phase = 'after'
                                                                AND a.classid = n.classid AND a.objid = n.objid)
    ), named AS (
        SELECT g.objid, n.objid AS follower
        FROM gone g JOIN new n ON n.parent = g.parent AND n.object_name = g.object_name AND n.shape = g.shape
    )
    SELECT f.objid, f.follower FROM named f
    UNION ALL
    SELECT min(g.objid), min(n.objid)
    FROM gone g JOIN new n ON n.parent = g.parent AND n.shape = g.shape
    WHERE g.is_old AND g.objid NOT IN (SELECT f.objid FROM named f) AND n.objid NOT IN (SELECT f.follower FROM named f)
    GROUP BY g.parent, g.shape
    HAVING count(*) = 1
$function$;
COMMENT ON FUNCTION yesterday._indexes_since(bigint) IS 'internal: what became of indexes since a deployment';
REVOKE ALL ON FUNCTION yesterday._indexes_since(bigint) FROM PUBLIC;

-- yesterday._index_shape(name, table, definition): what an index is, apart from its name, its table's, and its settings.
CREATE FUNCTION yesterday._index_shape(name text, table_identity text, definition jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT regexp_replace(replace(replace(definition ->> 'create', format('INDEX %I ON ', name), 'INDEX ON '),
                                  format(' %s USING ', table_identity), ' USING '),
                          ' WITH \([^()]*\)', '')
$function$;
COMMENT ON FUNCTION yesterday._index_shape(text, text, jsonb) IS 'internal: what an index is, apart from its name and settings';
REVOKE ALL ON FUNCTION yesterday._index_shape(text, text, jsonb) FROM PUBLIC;
