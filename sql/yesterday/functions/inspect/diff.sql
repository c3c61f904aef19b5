-- What a deployment changed, compared with what is there now, row by row and column by
-- column. Runs as the caller, who needs SELECT on the tables; tables whose rows the caller
-- may not see are left out.
CREATE FUNCTION yesterday.diff(deployment text)
RETURNS TABLE (table_name text, row_key jsonb, change text, column_name name, before text, now text)
LANGUAGE plpgsql STABLE
AS $function$
#variable_conflict use_column
DECLARE
    chosen bigint := yesterday._find_deployment(deployment);
    captured record;
    relation pg_catalog.regclass;
    key_match text;
BEGIN
    FOR captured IN SELECT * FROM yesterday._captured_of(chosen)
    LOOP
        CONTINUE WHEN NOT yesterday._may_see_rows(captured.schema_name, captured.table_name);
        relation := pg_catalog.to_regclass(pg_catalog.format('%I.%I', captured.schema_name, captured.table_name));
        IF relation IS NULL OR pg_catalog.cardinality(captured.key_columns) OPERATOR(pg_catalog.=) 0 THEN
            -- no table, or no key: the records themselves are the difference
            RETURN QUERY
                SELECT pg_catalog.format('%I.%I', captured.schema_name, captured.table_name), r.key,
                       CASE WHEN r.image IS NULL THEN 'inserted' ELSE 'deleted' END,
                       e.key::pg_catalog.name,
                       CASE WHEN r.image IS NOT NULL THEN e.value END,
                       CASE WHEN r.image IS NULL THEN e.value END
                FROM yesterday._records(captured.captured) r
                CROSS JOIN LATERAL pg_catalog.jsonb_each_text(coalesce(r.image, r.key)) e;
            CONTINUE;
        END IF;
        SELECT pg_catalog.string_agg(
                   pg_catalog.format('t.%I IS NOT DISTINCT FROM (r.key OPERATOR(pg_catalog.->>) %L)::%s', a.attname, a.attname,
                                     pg_catalog.format_type(a.atttypid, a.atttypmod)), ' AND ')
        INTO key_match
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid OPERATOR(pg_catalog.=) relation AND a.attname OPERATOR(pg_catalog.=) ANY (captured.key_columns);
        RETURN QUERY EXECUTE pg_catalog.format(
            'SELECT %L, r.key,'
            ' CASE WHEN r.image IS NULL THEN ''inserted'' WHEN n.image IS NULL THEN ''deleted'' ELSE ''updated'' END,'
            ' e.name::pg_catalog.name, r.image OPERATOR(pg_catalog.->>) e.name, n.image OPERATOR(pg_catalog.->>) e.name'
            ' FROM (SELECT * FROM yesterday._records($1) WHERE op OPERATOR(pg_catalog.<>) ''F''::"char") r'
            ' LEFT JOIN LATERAL (SELECT yesterday._row_image(t) AS image FROM ONLY %s t WHERE %s) n ON true'
            ' CROSS JOIN LATERAL ('
            '   SELECT pg_catalog.jsonb_object_keys(r.image) UNION SELECT pg_catalog.jsonb_object_keys(n.image)) AS e(name)'
            ' WHERE (r.image OPERATOR(pg_catalog.->>) e.name) IS DISTINCT FROM (n.image OPERATOR(pg_catalog.->>) e.name)'
            ' ORDER BY r.key, e.name',
            pg_catalog.format('%I.%I', captured.schema_name, captured.table_name), relation, key_match)
        USING captured.captured;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday.diff(text) IS
    'row-level differences between before a deployment and now: table, key, change, column, before, now';
REVOKE ALL ON FUNCTION yesterday.diff(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.diff(text) TO yesterday_viewer;

