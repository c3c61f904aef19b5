-- yesterday._put_rows_aside(deployment, phase): tables that lost a column of before, and whose rows stand in columns of other tables.
-- Such a table is made anew, and those columns go over from the row type of the old one to that of the new one, with the
-- values that were saved: in the image they get the name that the old one is put aside under.
CREATE FUNCTION yesterday._put_rows_aside(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tab record;
BEGIN
    FOR tab IN
        -- in steps: of thousands of tables few have changed, and of those few stand in columns
        WITH changed AS MATERIALIZED (
            SELECT p.node, p.objid, n.identity, b.definition -> 'columns' AS columns_before, a.definition -> 'columns' AS columns_after
            FROM yesterday.plan_node p
            JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = p.classid AND b.objid = p.bobjid
            JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = p.classid AND a.objid = p.aobjid
            JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $2 AND n.classid = p.classid AND n.objid = p.objid
            WHERE p.deployment = $1 AND p.kind = 'table' AND p.bobjid = p.aobjid AND p.reason <> 'again'
              AND b.definition -> 'columns' <> a.definition -> 'columns'
        ), narrower AS MATERIALIZED (
            SELECT h.node, h.objid, h.identity, c.reltype, y.typarray
            FROM changed h
            JOIN pg_class c ON c.oid = h.objid AND c.relkind = 'r'
            JOIN pg_type y ON y.oid = c.reltype
            WHERE EXISTS (SELECT FROM jsonb_array_elements(h.columns_before) x
                          WHERE NOT h.columns_after @> jsonb_build_array(jsonb_build_object('num', x -> 'num')))
              AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = h.objid)
        ), held AS MATERIALIZED (
            SELECT t.atttypid AS type, t.attrelid AS holder
            FROM pg_attribute t
            JOIN pg_class r ON r.oid = t.attrelid AND r.relkind IN ('r', 'p')
            WHERE t.atttypid IN (SELECT w.reltype FROM narrower w UNION ALL SELECT w.typarray FROM narrower w)
              AND t.attnum > 0 AND NOT t.attisdropped
        ), standing AS MATERIALIZED (
            SELECT w.* FROM narrower w
            WHERE EXISTS (SELECT FROM held h WHERE h.type IN (w.reltype, w.typarray) AND h.holder <> w.objid)
        )
        SELECT w.node, w.objid, w.identity, yesterday._aside_name($1, w.node, w.identity) AS aside, w.reltype, w.typarray
        FROM standing w
        -- types with such a row inside would have to be made anew as well
        WHERE NOT EXISTS (SELECT FROM (SELECT * FROM yesterday._types_with(w.reltype) UNION ALL SELECT * FROM yesterday._types_with(w.typarray)) u
                          JOIN pg_type h ON h.oid = u.type LEFT JOIN pg_class k ON k.oid = h.typrelid
                          WHERE u.how <> 'array' AND coalesce(k.relkind, 'c') = 'c')
    LOOP
        INSERT INTO yesterday.plan_aside (deployment, aside, identity, because) VALUES ($1, tab.aside, tab.identity, ARRAY[tab.identity]);
        UPDATE yesterday.schema_object o SET definition = jsonb_set(o.definition, '{columns}', (
            SELECT jsonb_agg(CASE WHEN t.atttypid = tab.reltype THEN jsonb_set(c.value, '{type}', to_jsonb(tab.aside))
                                  WHEN t.atttypid = tab.typarray THEN jsonb_set(c.value, '{type}', to_jsonb(tab.aside || '[]'))
                                  ELSE c.value END ORDER BY c.ordinality)
            FROM jsonb_array_elements(o.definition -> 'columns') WITH ORDINALITY AS c
            LEFT JOIN pg_attribute t ON t.attrelid = o.objid AND t.attnum = (c.value ->> 'num')::smallint))
        WHERE o.deployment = $1 AND o.phase = $2 AND o.kind = 'table' AND o.objid <> tab.objid
          AND o.objid IN (SELECT t.attrelid FROM pg_attribute t
                          WHERE t.atttypid IN (tab.reltype, tab.typarray) AND t.attnum > 0 AND NOT t.attisdropped);
        INSERT INTO yesterday.plan_node (deployment, kind, classid, bobjid, aobjid, objid)
        SELECT $1, 'table', b.classid, b.objid, b.objid, b.objid
        FROM yesterday.schema_object b
        JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = b.classid AND a.objid = b.objid
        WHERE b.deployment = $1 AND b.phase = 'before' AND b.kind = 'table'
          AND b.objid IN (SELECT t.attrelid FROM pg_attribute t
                          WHERE t.atttypid IN (tab.reltype, tab.typarray) AND t.attnum > 0 AND NOT t.attisdropped)
          AND NOT EXISTS (SELECT FROM yesterday.plan_node q WHERE q.deployment = $1 AND q.classid = b.classid AND q.objid = b.objid);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._put_rows_aside(bigint, text) IS 'internal: tables made anew whose rows stand in columns of others';
REVOKE ALL ON FUNCTION yesterday._put_rows_aside(bigint, text) FROM PUBLIC;

-- yesterday._has_rows_aside(deployment, table): a table of the plan whose rows stand in columns of others, which go over first.
CREATE FUNCTION yesterday._has_rows_aside(deployment bigint, identity text) RETURNS boolean
-- asked of every table of a plan, and SQL functions are planned at each call
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN EXISTS (SELECT FROM yesterday.plan_aside a JOIN yesterday.plan_node p ON p.deployment = $1 AND p.kind = 'table' AND p.now_identity = a.identity
                   WHERE a.deployment = $1 AND a.identity = $2);
END
$function$;
COMMENT ON FUNCTION yesterday._has_rows_aside(bigint, text) IS 'internal: a table made anew whose rows stand in columns of others';
REVOKE ALL ON FUNCTION yesterday._has_rows_aside(bigint, text) FROM PUBLIC;
