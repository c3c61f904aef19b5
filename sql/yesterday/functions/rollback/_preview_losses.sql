-- What others wrote into, and built upon, what a rollback drops: by now, and without a lock. It goes to the attic.
CREATE FUNCTION yesterday._preview_losses(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET row_security = off
AS $function$
#variable_conflict use_variable
DECLARE
    members text[] := yesterday._member_xids(deployment);
    made record;
BEGIN
    IF NOT yesterday._same_cluster(deployment) THEN
        RETURN;
    END IF;
    FOR made IN
        SELECT a.identity, x.aobjid, x.bobjid, a.definition, b.definition AS before
        FROM yesterday._image_differences(deployment) x
        JOIN yesterday.schema_object a ON a.deployment = deployment AND a.phase = 'after' AND a.classid = x.classid AND a.objid = x.aobjid
        LEFT JOIN yesterday.schema_object b ON b.deployment = deployment AND b.phase = 'before' AND b.classid = x.classid AND b.objid = x.bobjid
        JOIN pg_class c ON c.oid = x.aobjid AND c.relkind = 'r'
        WHERE x.owned AND a.kind = 'table' AND x.classid = 'pg_class'::regclass
        ORDER BY a.identity
    LOOP
        IF made.bobjid IS DISTINCT FROM made.aobjid THEN
            EXECUTE format('SELECT count(*) FROM ONLY %s t WHERE NOT t.xmin::text = ANY ($1)', made.aobjid::regclass)
            INTO rows USING members;
            subject := format('table %s', made.aobjid::regclass);
        ELSE
            -- columns that the deployment added, as long as they are there
            subject := (SELECT string_agg(format('%I', t.attname), ', ' ORDER BY t.attnum)
                        FROM jsonb_array_elements(made.definition -> 'columns') c
                        JOIN pg_attribute t ON t.attrelid = made.aobjid AND t.attnum = (c ->> 'num')::integer
                                           AND NOT t.attisdropped AND t.attgenerated = ''
                        WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(made.before -> 'columns') b WHERE b -> 'num' = c -> 'num'));
            CONTINUE WHEN subject IS NULL;
            EXECUTE format('SELECT count(*) FROM ONLY %s t WHERE NOT t.xmin::text = ANY ($1) AND num_nonnulls(%s) > 0',
                           made.aobjid::regclass, subject)
            INTO rows USING members;
            subject := format('columns %s of %s', subject, made.aobjid::regclass);
        END IF;
        CONTINUE WHEN rows = 0;
        outcome := 'would be kept in the attic';
        detail := 'written by others since; they can be read in yesterday.attic then';
        RETURN NEXT;
    END LOOP;

    rows := NULL;
    outcome := 'would be displaced';
    detail := 'made by others on what goes; its definition would be in yesterday.attic_objects';
    FOR subject IN
        WITH RECURSIVE gone AS (
            SELECT x.classid, x.aobjid AS objid
            FROM yesterday._image_differences(deployment) x
            WHERE x.owned AND x.aobjid IS NOT NULL AND x.bobjid IS NULL
        ), built AS (
            SELECT g.classid, g.objid, true AS itself FROM gone g
            UNION
            SELECT v.classid, v.objid, false
            FROM built u
            JOIN pg_depend d ON d.refclassid = u.classid AND d.refobjid = u.objid AND d.deptype IN ('n', 'a', 'i')
            LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid AND w.rulename = '_RETURN'
            CROSS JOIN LATERAL (SELECT CASE WHEN w.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END,
                                       CASE WHEN w.oid IS NULL THEN d.objid ELSE w.ev_class END) AS v (classid, objid)
        )
        SELECT DISTINCT format('%s %s', i.type, i.identity)
        FROM built u
        CROSS JOIN LATERAL pg_identify_object(u.classid, u.objid, 0) i
        WHERE NOT u.itself AND i.type IS NOT NULL AND coalesce(i.schema, '') <> 'pg_toast' AND u.classid <> 'pg_attrdef'::regclass
          AND NOT EXISTS (SELECT FROM yesterday.schema_object o
                          WHERE o.deployment = deployment AND o.phase = 'after' AND o.classid = u.classid AND o.objid = u.objid)
          -- what the server made by itself: row types, indexes of constraints, triggers of foreign keys, ours
          AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.classid = u.classid AND p.objid = u.objid AND p.deptype = 'i')
          AND NOT (u.classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type e WHERE e.typarray = u.objid))
          AND NOT (u.classid = 'pg_trigger'::regclass AND EXISTS (
                   SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
                   WHERE t.oid = u.objid AND (t.tgisinternal OR f.pronamespace = 'yesterday'::regnamespace)))
          AND NOT (u.classid = 'pg_constraint'::regclass AND EXISTS (SELECT FROM pg_constraint k WHERE k.oid = u.objid AND k.contype = 'n'))
          AND NOT (u.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class c WHERE c.oid = u.objid AND (c.relkind = 't' OR c.relpersistence = 't')))
        ORDER BY 1
    LOOP
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._preview_losses(bigint) IS 'what others wrote into and built upon what a rollback drops';
REVOKE ALL ON FUNCTION yesterday._preview_losses(bigint) FROM PUBLIC;
