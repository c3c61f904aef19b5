-- yesterday._dangling_names(deployment, rollback): columns whose rows name by its OID (regclass, regtype, ...) an object that a rollback has just
-- made anew under its name, or, where it is only foreseen, that its plan makes anew: they name nothing then. Which rows mean it nobody else could tell afterwards, so the
-- detail has the command that mends them.
CREATE FUNCTION yesterday._dangling_names(deployment bigint, rollback bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    item record;
    gone oid[];
    names text[];
    found jsonb;
BEGIN
    FOR item IN
        SELECT format('%I.%I', n.nspname, c.relname) AS relation, a.attname AS name, k.classid
        FROM (VALUES ('regclass'::regtype, 'pg_class'::regclass), ('regtype', 'pg_type'), ('regproc', 'pg_proc'), ('regprocedure', 'pg_proc'),
                     ('regoper', 'pg_operator'), ('regoperator', 'pg_operator'), ('regconfig', 'pg_ts_config'),
                     ('regdictionary', 'pg_ts_dict'), ('regcollation', 'pg_collation')) AS k (type, classid)
        JOIN pg_attribute a ON a.atttypid = k.type AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' AND c.relpersistence <> 't' AND c.oid >= 16384
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname NOT IN ('yesterday', 'yesterday_shadow')
        ORDER BY 1, 2
    LOOP
        SELECT array_agg(o.objid), array_agg(o.identity) INTO gone, names
        FROM (SELECT DISTINCT s.objid, s.identity FROM yesterday.schema_object s
              WHERE s.deployment = $1 AND s.phase IN ('before', 'now') AND s.classid = item.classid) o
        WHERE ((pg_identify_object(item.classid, o.objid, 0)).identity IS NULL
               OR yesterday._is_foreseen($2) AND EXISTS (
                   SELECT FROM yesterday.plan_node p
                   WHERE p.deployment = $1 AND p.classid = item.classid AND p.objid = o.objid AND p.action IN ('recreate', 'rebuild', 'retype')))
          AND EXISTS (SELECT FROM yesterday.schema_object b
                      WHERE b.deployment = $1 AND b.phase = 'before' AND b.classid = item.classid AND b.identity = o.identity);
        CONTINUE WHEN gone IS NULL;
        EXECUTE format('SELECT jsonb_agg(jsonb_build_object(''oid'', v.named, ''rows'', v.n)) FROM (SELECT t.%1$I::oid AS named, count(*) AS n'
                       ' FROM ONLY %2$s t WHERE t.%1$I::oid = ANY ($1) GROUP BY 1) v', item.name, item.relation)
        INTO found USING gone;
        FOR subject, rows, detail IN
            SELECT format('column %s.%I', item.relation, item.name), (f ->> 'rows')::bigint,
                   format('names %1$s by an OID that it does not have any more: it is made anew. UPDATE %2$s SET %3$I = %4$L WHERE %3$I = %5$s',
                          g.identity, item.relation, item.name, g.identity, f ->> 'oid')
            FROM jsonb_array_elements(found) f JOIN unnest(gone, names) AS g (objid, identity) ON g.objid = (f ->> 'oid')::oid
            ORDER BY g.identity
        LOOP
            outcome := 'dangling';
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._dangling_names(bigint, bigint) IS 'internal: rows that name by its OID what was made anew';
REVOKE ALL ON FUNCTION yesterday._dangling_names(bigint, bigint) FROM PUBLIC;
