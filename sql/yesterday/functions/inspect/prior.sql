-- A table as it was before a deployment. Runs as the caller: reads the table with the
-- caller's privileges, and prior images only where the caller may see its rows.
CREATE FUNCTION yesterday.prior("table" anyelement, deployment text)
RETURNS SETOF anyelement
LANGUAGE plpgsql STABLE
AS $function$
DECLARE
    since bigint := yesterday._find_deployment(deployment);
    relation record;
    keys pg_catalog.name[];
    columns text;
    key_match text;
BEGIN
    SELECT n.nspname, c.relname, c.oid, c.relkind INTO relation
    FROM pg_catalog.pg_type t
    JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) t.typrelid
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE t.oid OPERATOR(pg_catalog.=) pg_catalog.pg_typeof("table")::pg_catalog.oid;
    IF NOT FOUND OR relation.relkind NOT IN ('r', 'p') THEN
        RAISE EXCEPTION 'prior() takes a table'
            USING ERRCODE = 'YD022',
                  DETAIL = pg_catalog.format('It was given a value of type %s.', pg_catalog.pg_typeof("table")),
                  HINT = 'SELECT * FROM yesterday.prior(NULL::the_schema.the_table, ''12'');';
    END IF;
    keys := yesterday._key_columns(relation.nspname, relation.relname, since);
    IF keys IS NULL THEN
        RETURN QUERY EXECUTE pg_catalog.format('SELECT * FROM ONLY %I.%I', relation.nspname, relation.relname);
        RETURN;
    END IF;
    IF pg_catalog.cardinality(keys) OPERATOR(pg_catalog.=) 0 THEN
        RAISE EXCEPTION 'table "%.%" has no key', relation.nspname, relation.relname
            USING ERRCODE = 'YD022',
                  DETAIL = 'Without a key its rows can be counted, but not told apart.',
                  HINT = pg_catalog.format('SELECT * FROM yesterday.diff(%L); shows what was inserted and deleted.', deployment);
    END IF;

    SELECT pg_catalog.string_agg(
               pg_catalog.format('(p.image OPERATOR(pg_catalog.->>) %L)::%s', a.attname,
                                 pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
    INTO columns
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid OPERATOR(pg_catalog.=) relation.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped;
    SELECT pg_catalog.string_agg(
               pg_catalog.format('t.%I IS NOT DISTINCT FROM (p.key OPERATOR(pg_catalog.->>) %L)::%s', a.attname, a.attname,
                                 pg_catalog.format_type(a.atttypid, a.atttypmod)), ' AND ')
    INTO key_match
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid OPERATOR(pg_catalog.=) relation.oid AND a.attname OPERATOR(pg_catalog.=) ANY (keys);

    RETURN QUERY EXECUTE pg_catalog.format(
        'WITH p AS MATERIALIZED (SELECT * FROM yesterday._prior_changes($1, $2, $3))'
        ' SELECT t.* FROM ONLY %I.%I t WHERE NOT EXISTS (SELECT FROM p WHERE %s)'
        ' UNION ALL SELECT %s FROM p WHERE p.image IS NOT NULL',
        relation.nspname, relation.relname, key_match, columns)
    USING relation.nspname, relation.relname, since;
END
$function$;
COMMENT ON FUNCTION yesterday.prior(anyelement, text) IS
    'a table as it was before a deployment: SELECT * FROM yesterday.prior(NULL::screen, ''12'')';
REVOKE ALL ON FUNCTION yesterday.prior(anyelement, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.prior(anyelement, text) TO yesterday_viewer;

