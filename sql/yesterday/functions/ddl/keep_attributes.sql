-- yesterday._keep_attributes(deployment, rollback): before attributes of composite types go, puts the values that others gave
-- them into the attic: the columns of such a type, of every row in which one of the attributes has a value. Where
-- a type lies deeper (in a domain, a range, another composite type), of every row with a value.
CREATE FUNCTION yesterday._keep_attributes(deployment bigint, rollback bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    loss record;
BEGIN
    FOR loss IN
        WITH RECURSIVE going AS (
            SELECT p.node, p.kind || ' ' || p.now_identity AS subject, p.objid AS type,
                   ARRAY(SELECT n ->> 'name' FROM jsonb_array_elements(p.now_def -> 'attributes') n
                         WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(p.goal_def -> 'attributes') g
                                           WHERE g -> 'name' = n -> 'name')) AS attributes
            FROM yesterday.plan_node p
            WHERE p.deployment = $1 AND p.kind = 'composite type' AND p.action IN ('alter', 'retype')
        ), reached AS (
            SELECT g.node, g.type, 'itself' AS how FROM going g WHERE g.attributes <> '{}'
            UNION
            SELECT r.node, u.type, CASE WHEN r.how = 'itself' AND u.how = 'array' THEN 'array' ELSE 'deeper' END
            FROM reached r CROSS JOIN LATERAL yesterday._types_with(r.type) u
        )
        SELECT g.subject, format('%I.%I', n.nspname, c.relname) AS table_now, n.nspname, pg_get_userbyid(c.relowner) AS owner,
               array_agg(DISTINCT a.attname::text) AS columns,
               string_agg(DISTINCT CASE
                   WHEN r.how = 'deeper' THEN format('num_nonnulls(t.%I) = 1', a.attname)
                   ELSE (SELECT string_agg(CASE r.how
                             WHEN 'itself' THEN format('num_nonnulls((t.%I).%I) = 1', a.attname, x)
                             ELSE format('EXISTS (SELECT FROM unnest(t.%I) u WHERE num_nonnulls(u.%I) = 1)', a.attname, x) END, ' OR ')
                         FROM unnest(g.attributes) x) END, ' OR ') AS has_value,
               string_agg(DISTINCT x.name, ', ') AS names
        FROM going g
        CROSS JOIN LATERAL unnest(g.attributes) AS x (name)
        JOIN reached r ON r.node = g.node
        JOIN pg_attribute a ON a.atttypid = r.type AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' AND c.relpersistence <> 't'
        JOIN pg_namespace n ON n.oid = c.relnamespace
        GROUP BY g.subject, g.node, n.nspname, c.relname, c.relowner
        ORDER BY n.nspname, c.relname, g.node
    LOOP
        rows := yesterday._keep_rows($1, $2, loss.table_now, loss.nspname, loss.owner, 'dropped', loss.columns,
                                     format('AND (%s)', loss.has_value),
                                     format('attribute %s of %s was dropped', loss.names, loss.subject));
        IF rows > 0 THEN
            subject := 'table ' || loss.table_now;
            outcome := 'kept in the attic';
            detail := format('values of attribute %s of %s, written by others since; SELECT * FROM yesterday.attic', loss.names, loss.subject);
            RETURN NEXT;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._keep_attributes(bigint, bigint) IS 'internal: keeps values of attributes that a rollback drops';
REVOKE ALL ON FUNCTION yesterday._keep_attributes(bigint, bigint) FROM PUBLIC;
