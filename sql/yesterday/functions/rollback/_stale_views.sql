-- Materialized views that the deployment refreshed, and that are still themselves: they go on having what their query gave then, of
-- rows and definitions that a rollback takes back. What they had before nobody kept.
CREATE FUNCTION yesterday._stale_views(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('materialized view %s', c.oid::regclass), 'stale', NULL::bigint,
           format('the deployment refreshed it, and it has what its query gave then. REFRESH MATERIALIZED VIEW %s', c.oid::regclass)
    FROM (SELECT DISTINCT CASE WHEN yesterday._same_cluster($1) THEN e.objid ELSE to_regclass(e.identity) END AS objid
          FROM yesterday.ddl_entry e
          WHERE e.deployment = $1 AND e.member AND e.tag = 'REFRESH MATERIALIZED VIEW') e
    JOIN pg_class c ON c.oid = e.objid AND c.relkind = 'm' AND c.relispopulated
    -- one that is made anew has what its query gives
    WHERE NOT EXISTS (SELECT FROM yesterday.inverse_step s
                      WHERE s.deployment = $1 AND s.kind = 'materialized view' AND s.outcome IN ('dropped', 'recreated')
                        AND s.identity = c.oid::regclass::text)
    ORDER BY 1
$function$;
COMMENT ON FUNCTION yesterday._stale_views(bigint) IS 'internal: materialized views that a deployment refreshed';
REVOKE ALL ON FUNCTION yesterday._stale_views(bigint) FROM PUBLIC;
