-- What others wrote into, and built upon, what a rollback drops: by now, and without a lock. It goes to the attic.
CREATE FUNCTION yesterday._preview_losses(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET row_security = off
SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres' SET extra_float_digits = 3
AS $function$
#variable_conflict use_variable
DECLARE
    members text[] := yesterday._member_xids(deployment);
    made record;
BEGIN
    IF NOT yesterday._same_cluster(deployment) THEN
        RETURN;
    END IF;
    outcome := 'kept in the attic';
    detail := 'written by others since; SELECT * FROM yesterday.attic';
    FOR made IN
        -- tables that the deployment made, and columns that it added, as long as they are there
        SELECT format('table %I.%I', n.nspname, c.relname) AS subject, c.oid::regclass AS relation, 'true' AS wanted
        FROM yesterday._image_differences(deployment) x
        JOIN pg_class c ON c.oid = x.aobjid AND c.relkind = 'r'
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE x.owned AND x.classid = 'pg_class'::regclass AND x.bobjid IS DISTINCT FROM x.aobjid
        UNION ALL
        SELECT format('column %I.%I.%I', n.nspname, c.relname, t.attname), c.oid::regclass,
               format('num_nonnulls(t.%1$I) = 1 AND format(''%%s'', t.%1$I) IS DISTINCT FROM %2$L', t.attname,
                      CASE WHEN t.atthasmissing THEN (t.attmissingval::text::text[])[1] END)
        FROM yesterday._image_differences(deployment) x
        JOIN yesterday.schema_object a ON a.deployment = deployment AND a.phase = 'after' AND a.classid = x.classid AND a.objid = x.aobjid
        JOIN yesterday.schema_object b ON b.deployment = deployment AND b.phase = 'before' AND b.classid = x.classid AND b.objid = x.bobjid
        JOIN pg_class c ON c.oid = x.aobjid AND c.relkind = 'r'
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL jsonb_array_elements(a.definition -> 'columns') col
        JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum = (col ->> 'num')::integer AND NOT t.attisdropped AND t.attgenerated = ''
        WHERE x.owned AND x.classid = 'pg_class'::regclass AND x.bobjid = x.aobjid
          AND NOT EXISTS (SELECT FROM jsonb_array_elements(b.definition -> 'columns') o WHERE o -> 'num' = col -> 'num')
        ORDER BY 1
    LOOP
        EXECUTE format('SELECT count(*) FROM ONLY %s t WHERE NOT t.xmin::text = ANY ($1) AND %s', made.relation, made.wanted)
        INTO rows USING members;
        subject := made.subject;
        IF rows > 0 THEN
            RETURN NEXT;
        END IF;
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
