-- yesterday._rows_command(deployment, node, aside): the INSERT that fills a table that the inverse makes anew.
--   reads   copies in yesterday_shadow that the owner has to be let see
CREATE FUNCTION yesterday._rows_command(deployment bigint, node integer, aside text)
RETURNS TABLE (command text, reads name[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN count(s.target) = 0
                -- rows without a column that is written are rows, too
                THEN format('INSERT INTO %s SELECT FROM %s', p.goal_identity, s.rows_from)
                ELSE format('INSERT INTO %s (%s)%s SELECT %s FROM %s', p.goal_identity,
                            string_agg(quote_ident(s.target), ', ' ORDER BY s.place),
                            CASE WHEN bool_or(s.identity) THEN ' OVERRIDING SYSTEM VALUE' ELSE '' END,
                            string_agg(s.source, ', ' ORDER BY s.place), s.rows_from) END,
           s.reads
    FROM yesterday.plan_node p
    CROSS JOIN LATERAL yesterday._row_sources($1, $2, $3) s
    WHERE p.deployment = $1 AND p.node = $2
    GROUP BY p.goal_identity, s.rows_from, s.reads
$function$;
COMMENT ON FUNCTION yesterday._rows_command(bigint, integer, text) IS 'internal: INSERT that fills a table made anew';
REVOKE ALL ON FUNCTION yesterday._rows_command(bigint, integer, text) FROM PUBLIC;

-- yesterday._copy_join(copy, key, lost, base columns, alias, base): how a row of the base finds its
-- saved values: by key, else by everything that both have.
CREATE FUNCTION yesterday._copy_join(copy name, key smallint[], lost smallint[], base_columns jsonb, alias text, base text)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    present smallint[];
BEGIN
    IF cardinality(key) > 0 AND NOT EXISTS (SELECT FROM unnest(key) k WHERE NOT base_columns ? k::text) THEN
        RETURN format(' LEFT JOIN yesterday_shadow.%I %s ON %s', copy, alias,
            (SELECT string_agg(format('%s::text = %s.c%s::text', base_columns ->> k::text, alias, k), ' AND ') FROM unnest(key) k));
    END IF;
    present := ARRAY(SELECT substr(a.attname, 2)::smallint FROM pg_attribute a
                     WHERE a.attrelid = to_regclass(format('yesterday_shadow.%I', copy)) AND a.attname ~ '^c[0-9]+$'
                       AND NOT a.attisdropped AND base_columns ->> substr(a.attname, 2) LIKE 'b.%'
                       AND NOT substr(a.attname, 2)::smallint = ANY (lost) ORDER BY 1);
    RETURN format(' LEFT JOIN (SELECT y.*, row_number() OVER (PARTITION BY ROW(%s)::text) AS yesterday_n FROM yesterday_shadow.%I y) %s'
                  ' ON ROW(%s)::text = ROW(%s)::text AND %s.yesterday_n = b.yesterday_n%s',
                  (SELECT string_agg(format('y.c%s::text', k), ', ') FROM unnest(present) k), copy, alias,
                  (SELECT string_agg(format('%s.c%s::text', alias, k), ', ') FROM unnest(present) k),
                  (SELECT string_agg(format('%s::text', base_columns ->> k::text), ', ') FROM unnest(present) k), alias,
                  -- numbered by the same columns: see _copy_partition()
                  '_' || coalesce(array_to_string(present, '_'), ''));
END
$function$;
COMMENT ON FUNCTION yesterday._copy_join(name, smallint[], smallint[], jsonb, text, text) IS 'internal: join that finds saved values';
REVOKE ALL ON FUNCTION yesterday._copy_join(name, smallint[], smallint[], jsonb, text, text) FROM PUBLIC;

-- yesterday._default_value(column): what a column gets in rows that have no value for it. The sequence of an identity is
-- made anew with its table, so that taking values from it is undone by a savepoint, too; that of a default may be
-- in use.
CREATE FUNCTION yesterday._default_value(col jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN col ? 'identity' THEN format('nextval(%L)::%s', col #>> '{identity,sequence}', col ->> 'type')
                WHEN col ->> 'default' NOT LIKE '%nextval(%' THEN format('(%s)::%s', col ->> 'default', col ->> 'type')
                ELSE 'NULL' END
$function$;
COMMENT ON FUNCTION yesterday._default_value(jsonb) IS 'internal: default of a column as an expression of its type';
REVOKE ALL ON FUNCTION yesterday._default_value(jsonb) FROM PUBLIC;

-- yesterday._numbered_base(base, joins, base columns, xids, xmin): the base with the numbers by which the joins pair rows
-- without a key, and with the transaction that wrote each row where that is wanted.
CREATE FUNCTION yesterday._numbered_base(base text, joins text, base_columns jsonb, xids text[], with_xmin boolean) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN joins LIKE '%b.yesterday_n%' THEN
                    format('(SELECT x.*, %s%s FROM %s x)', CASE WHEN with_xmin AND starts_with(base, 'ONLY ') THEN 'x.xmin AS yesterday_x, ' END,
                           -- a base that others were joined to has it as a column
                           CASE WHEN starts_with(base, 'ONLY ') THEN yesterday._copy_partition(joins, base_columns, xids)
                                ELSE replace(yesterday._copy_partition(joins, base_columns, xids), 'x.xmin::text', 'x.yesterday_x::text') END, base)
                WHEN with_xmin AND starts_with(base, 'ONLY ') THEN format('(SELECT x.*, x.xmin AS yesterday_x FROM %s x)', base)
                ELSE base END
$function$;
COMMENT ON FUNCTION yesterday._numbered_base(text, text, jsonb, text[], boolean) IS 'internal: base of a table made anew with numbers that pair rows';
REVOKE ALL ON FUNCTION yesterday._numbered_base(text, text, jsonb, text[], boolean) FROM PUBLIC;

-- yesterday._copy_called(within, copy): what a joined copy is called: some are columns of the base.
CREATE FUNCTION yesterday._copy_called(within jsonb, copy text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN within ? copy THEN format('(b.yesterday_%s)', copy) ELSE copy END
$function$;
COMMENT ON FUNCTION yesterday._copy_called(jsonb, text) IS 'internal: what a joined copy is called';
REVOKE ALL ON FUNCTION yesterday._copy_called(jsonb, text) FROM PUBLIC;

-- yesterday._copy_partition(joins, base columns): numbers for rows without a key, one for each set of columns by which the joins
-- pair them: b.yesterday_n_2_3 counts equal values of the columns 2 and 3, rows that these transactions wrote last.
CREATE FUNCTION yesterday._copy_partition(joins text, base_columns jsonb, xids text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT string_agg(format('row_number() OVER (PARTITION BY ROW(%s)::text%s) AS yesterday_n_%s',
                             (SELECT string_agg(format('%s::text', regexp_replace(base_columns ->> k, '^b[.]', 'x.')), ', ' ORDER BY o)
                              FROM unnest(string_to_array(m.numbers, '_')) WITH ORDINALITY AS u (k, o)),
                             CASE WHEN cardinality($3) > 0 THEN format(' ORDER BY x.xmin::text = ANY (%L)', $3) END, m.numbers), ', ')
    FROM (SELECT DISTINCT f[1] AS numbers FROM regexp_matches(joins, 'b[.]yesterday_n_([0-9_]*)', 'g') f) m
$function$;
COMMENT ON FUNCTION yesterday._copy_partition(text, jsonb, text[]) IS 'internal: numbers that pair rows without a key';
REVOKE ALL ON FUNCTION yesterday._copy_partition(text, jsonb, text[]) FROM PUBLIC;

-- yesterday._exact_cast(expression, from, to): a cast that fails rather than lose something: a cast cuts strings and
-- rounds numbers without a word. What does not come back the same is made an error of a failing cast. Numbers are the same
-- with other zeros at their end; values of rows that were put back already are in the form that the type of before gives them.
CREATE FUNCTION yesterday._exact_cast(expression text, from_type text, to_type text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN c.fields IS NOT NULL THEN c.fields
                WHEN yesterday._is_exact(from_type, to_type) THEN c.there
                ELSE format('CASE WHEN %6$s(%1$s)%2$s IS NOT DISTINCT FROM (%3$s)%2$s OR (%4$s)::text = (%3$s)::text THEN %4$s'
                            ' ELSE (''does not fit: '' || (%3$s)::text)::integer::text::%5$s END',
                            yesterday._cast_expression(c.there, to_type, from_type),
                            CASE WHEN NOT (yesterday._is_number(from_type) AND yesterday._is_number(to_type)) THEN '::text' END,
                            expression, c.there, to_type,
                            -- for the server these are no values that do not fit, but casts that it has not got
                            CASE WHEN from_type LIKE 'numeric%' AND to_type IN ('smallint', 'integer', 'bigint', 'money') THEN
                                format('(%1$s)::text IN (''NaN'', ''Infinity'', ''-Infinity'') THEN (''does not fit: '' || (%1$s)::text)::integer::text::%2$s WHEN ',
                                       expression, to_type) END) END
    FROM (SELECT yesterday._cast_expression(expression, from_type, to_type) AS there,
                 yesterday._composite_cast(expression, from_type, to_type) AS fields) c
$function$;
COMMENT ON FUNCTION yesterday._exact_cast(text, text, text) IS 'internal: cast that loses nothing, or fails';
REVOKE ALL ON FUNCTION yesterday._exact_cast(text, text, text) FROM PUBLIC;

-- yesterday._is_number(type): a type whose values are equal where they are the same number.
CREATE FUNCTION yesterday._is_number(type text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT regexp_replace(type, '\([^)]*\)$', '') IN ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision')
$function$;
COMMENT ON FUNCTION yesterday._is_number(text) IS 'internal: a type of numbers';
REVOKE ALL ON FUNCTION yesterday._is_number(text) FROM PUBLIC;

-- yesterday._is_exact(from, to): does every value of a type come back the same from the other one?
CREATE FUNCTION yesterday._is_exact(from_type text, to_type text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT from_type = to_type OR (from_type IN ('smallint', 'integer') AND to_type IN ('integer', 'bigint', 'text'))
           OR (from_type LIKE 'character varying%' AND to_type IN ('text', 'character varying'))
$function$;
COMMENT ON FUNCTION yesterday._is_exact(text, text) IS 'internal: a cast that loses nothing by itself';
REVOKE ALL ON FUNCTION yesterday._is_exact(text, text) FROM PUBLIC;

-- yesterday._cast_expression(expression, from, to): a cast, through text where there is no direct one.
CREATE FUNCTION yesterday._cast_expression(expression text, from_type text, to_type text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN from_type IS NULL OR EXISTS (
                    SELECT FROM pg_cast c
                    WHERE c.castsource = to_regtype(regexp_replace(from_type, '\([^)]*\)', ''))
                      AND c.casttarget = to_regtype(regexp_replace(to_type, '\([^)]*\)', '')))
                     OR to_regtype(regexp_replace(from_type, '\([^)]*\)', '')) = to_regtype(regexp_replace(to_type, '\([^)]*\)', ''))
                THEN format('%s::%s', expression, to_type)
                ELSE format('%s::text::%s', expression, to_type) END
$function$;
COMMENT ON FUNCTION yesterday._cast_expression(text, text, text) IS 'internal: expression that casts a value';
REVOKE ALL ON FUNCTION yesterday._cast_expression(text, text, text) FROM PUBLIC;


-- yesterday._composite_cast(expression, from, to): a value of a composite type, or of a row type, that was put aside as one of the type
-- of before, field by field, or an array of such; null for other types. Fields that only the type of before has become null.
CREATE FUNCTION yesterday._composite_cast(expression text, from_type text, to_type text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    fields text;
    one text := expression || CASE WHEN to_type LIKE '%[]' THEN '[x.i]' ELSE '' END;
BEGIN
    SELECT string_agg(CASE WHEN n IS NULL THEN format('NULL::%s', g.value ->> 'type')
                           ELSE yesterday._exact_cast(format('(%s).%I', one, n ->> 'name'), n ->> 'type', g.value ->> 'type') END,
                      ', ' ORDER BY g.ordinality)
    INTO fields
    FROM yesterday.plan_aside a
    JOIN yesterday.plan_node p ON p.deployment = a.deployment
                              AND (p.kind = 'composite type' AND p.now_identity = a.aside OR p.kind = 'table' AND p.now_identity = a.identity)
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(p.goal_def -> 'attributes', p.goal_def -> 'columns')) WITH ORDINALITY AS g
    LEFT JOIN LATERAL jsonb_array_elements(coalesce(p.now_def -> 'attributes', p.now_def -> 'columns')) n ON n -> 'name' = g.value -> 'name'
    -- arrays are taken apart only where the table that has them is made anew, as it is for those of a row type
    WHERE a.aside || CASE WHEN p.kind = 'table' AND to_type LIKE '%[]' THEN '[]' ELSE '' END = from_type
      AND a.identity || CASE WHEN p.kind = 'table' AND to_type LIKE '%[]' THEN '[]' ELSE '' END = to_type;
    RETURN CASE WHEN fields IS NULL THEN NULL
                WHEN to_type LIKE '%[]' THEN
                    format('CASE WHEN (%s) IS NOT NULL THEN coalesce((SELECT array_agg(CASE WHEN (%s)::text IS NOT NULL THEN ROW(%s)::%s END ORDER BY x.i)'
                           ' FROM generate_subscripts(%s, 1) AS x (i)), ''{}'') END', expression, one, fields, left(to_type, -2), expression)
                -- IS NOT NULL is none for a command that goes on to partitions: the server reads it there once more, and no more can
                ELSE format('CASE WHEN num_nonnulls((%s)::text) = 1 THEN ROW(%s)::%s END', expression, fields, to_type) END;
END
$function$;
COMMENT ON FUNCTION yesterday._composite_cast(text, text, text) IS 'internal: expression that leads a composite type put aside to the one of before';
REVOKE ALL ON FUNCTION yesterday._composite_cast(text, text, text) FROM PUBLIC;
