-- Where changes of an open deployment can have passed unseen: what an abandon or a rollback of it cannot
-- promise to bring back.
CREATE FUNCTION yesterday._capture_gaps(deployment bigint)
RETURNS TABLE (subject text, detail text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT 'event triggers of Yesterday', 'one was disabled or replaced for a while: DDL that ran meanwhile, and data that it destroyed, may be missing'
    FROM yesterday.deployment_baseline b
    WHERE b.deployment = $1 AND b.relid = 0 AND b.triggers IS DISTINCT FROM yesterday._trigger_marks(0)
    UNION ALL
    SELECT format('%I.%I', b.schema_name, b.table_name),
           CASE WHEN b.triggers <> yesterday._trigger_marks(b.relid)
                THEN 'a capture trigger was disabled or replaced for a while: rows written meanwhile are as they were left'
                ELSE 'its file was replaced unseen: what that changed is as it was left' END
    FROM yesterday.deployment_baseline b JOIN pg_class c ON c.oid = b.relid
    WHERE b.deployment = $1 AND b.relid <> 0
      AND (b.triggers <> yesterday._trigger_marks(b.relid)
           OR (b.triggers IS NOT NULL AND b.filenode <> c.relfilenode
               AND NOT EXISTS (SELECT FROM yesterday.taken_table k WHERE k.deployment = $1 AND k.relid = b.relid)))
    UNION ALL
    SELECT format('%I.%I', u.schema_name, u.table_name),
           'its file was replaced in a session that had not loaded the library; if that was TRUNCATE, its rows are gone'
    FROM yesterday._replaced_unseen($1) u;
$function$;
COMMENT ON FUNCTION yesterday._capture_gaps(bigint) IS 'where changes of an open deployment can have passed unseen';
REVOKE ALL ON FUNCTION yesterday._capture_gaps(bigint) FROM PUBLIC;
