-- yesterday._rows_command(deployment, node): the INSERT that fills a table that the inverse makes anew.
--
-- The rows come from the table as it is now, under the name that it was put aside with, or, where the deployment
-- dropped it, from the copy made before the drop. Values of columns that were dropped, or whose type was
-- changed with loss, come from their own copies, found by key; for rows written since they are the column's
-- default, or what a cast makes of the new value. Without a key equal rows are paired in any order: which of
-- them gets which value makes no difference.
--   reads   copies in yesterday_shadow that the owner has to be let see
CREATE FUNCTION yesterday._rows_command(deployment bigint, node integer, aside text)
RETURNS TABLE (command text, reads name[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tab yesterday.plan_node;
    whole yesterday.saved_table;
    saved record;
    col jsonb;
    base text;
    base_columns jsonb := '{}';          -- number before -> expression of the base
    targets text[] := '{}';
    sources text[] := '{}';
    joins text := '';
    overriding boolean := false;
    captured boolean;
    source text;
    goal jsonb;
BEGIN
    SELECT p.* INTO STRICT tab FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2;
    captured := EXISTS (SELECT FROM yesterday.captured_table c
                        WHERE c.deployment = $1 AND c.relid = tab.bobjid AND NOT c.business);
    reads := '{}';
    IF tab.action = 'create' OR tab.bobjid IS DISTINCT FROM tab.aobjid THEN
        SELECT s.* INTO whole FROM yesterday.saved_table s
        WHERE s.deployment = $1 AND s.relid = tab.bobjid AND s.event = 'drop' ORDER BY s.id DESC LIMIT 1;
        IF NOT FOUND OR whole.rows = 0 THEN
            RETURN;                     -- it was empty, or its rows are put back one by one
        END IF;
        base := format('yesterday_shadow.%I', whole.shadow_name);
        reads := reads || whole.shadow_name;
        FOR col IN SELECT c FROM jsonb_array_elements(tab.columns) c WHERE c ? 'num' LOOP
            IF EXISTS (SELECT FROM pg_attribute a
                       WHERE a.attrelid = to_regclass(base) AND a.attname = 'c' || (col ->> 'num')) THEN
                base_columns := base_columns || jsonb_build_object(col ->> 'num', format('b.c%s', col ->> 'num'));
            END IF;
        END LOOP;
    ELSE
        base := 'ONLY ' || aside;
        FOR col IN SELECT c FROM jsonb_array_elements(tab.columns) c WHERE c ? 'num' AND c ? 'now' LOOP
            base_columns := base_columns || jsonb_build_object(col ->> 'num', format('b.%I', col #>> '{now,name}'));
        END LOOP;
    END IF;

    -- the copies of columns that are wanted
    FOR saved IN
        SELECT s.*, row_number() OVER (ORDER BY s.id) AS place
        FROM yesterday.saved_table s
        WHERE s.deployment = $1 AND s.relid = tab.bobjid AND s.event <> 'drop' AND s.rows > 0
          AND s.lost && ARRAY(SELECT (c ->> 'num')::smallint FROM jsonb_array_elements(tab.columns) c WHERE c ? 'goal' AND c ? 'num')
        ORDER BY s.id
    LOOP
        joins := joins || yesterday._copy_join(saved.shadow_name, saved.key_columns, saved.lost, base_columns,
                                               's' || saved.place, base);
        reads := reads || saved.shadow_name;
        IF saved.after_name IS NOT NULL THEN
            joins := joins || yesterday._copy_join(saved.after_name, saved.key_columns, saved.lost, base_columns,
                                                   'a' || saved.place, base);
            reads := reads || saved.after_name;
        END IF;
    END LOOP;

    FOR col IN SELECT c FROM jsonb_array_elements(tab.columns) WITH ORDINALITY AS v(c, o)
               WHERE c ? 'goal' ORDER BY o LOOP
        goal := col -> 'goal';
        CONTINUE WHEN goal ? 'expression';
        overriding := overriding OR goal ? 'identity';
        source := CASE WHEN col ? 'num' THEN base_columns ->> (col ->> 'num')
                       ELSE format('b.%I', col #>> '{now,name}') END;
        IF source IS NOT NULL AND (whole.id IS NOT NULL OR col #> '{now,type}' IS DISTINCT FROM goal -> 'type') THEN
            source := CASE WHEN whole.id IS NULL THEN yesterday._exact_cast(source, col #>> '{now,type}', goal ->> 'type')
                           ELSE format('%s::%s', source, goal ->> 'type') END;
        END IF;
        -- the first copy has the value of before, the last one what the deployment left
        SELECT s.event, s.place, s.last_place INTO saved
        FROM (SELECT s.event, s.lost, row_number() OVER (ORDER BY s.id) AS place,
                     max(CASE WHEN s.event = 'type' AND (col ->> 'num')::smallint = ANY (s.lost) THEN s.n END) OVER () AS last_place
              FROM (SELECT t.*, row_number() OVER (ORDER BY t.id) AS n FROM yesterday.saved_table t
                    WHERE t.deployment = $1 AND t.relid = tab.bobjid AND t.event <> 'drop' AND t.rows > 0
                      AND t.lost && ARRAY(SELECT (c ->> 'num')::smallint FROM jsonb_array_elements(tab.columns) c
                                          WHERE c ? 'goal' AND c ? 'num')) s) s
        WHERE (col ->> 'num')::smallint = ANY (s.lost) ORDER BY s.place LIMIT 1;
        IF FOUND THEN
            -- rows under capture get their values afterwards: here they only have to fit
            IF saved.event = 'type' AND source IS NOT NULL AND NOT captured THEN
                source := format('CASE WHEN a%s.op IS NOT NULL AND a%s.c%s::text IS NOT DISTINCT FROM (%s)::text THEN s%s.c%s::%s ELSE %s END',
                    saved.last_place, saved.last_place, col ->> 'num', base_columns ->> (col ->> 'num'),
                    saved.place, col ->> 'num', goal ->> 'type', source);
            ELSE
                source := format('CASE WHEN s%s.op IS NOT NULL THEN s%s.c%s::%s ELSE %s END',
                    saved.place, saved.place, col ->> 'num', goal ->> 'type',
                    coalesce(source, yesterday._default_value(goal)));
            END IF;
        ELSIF source IS NULL THEN
            source := yesterday._default_value(goal);
        END IF;
        targets := targets || quote_ident(goal ->> 'name');
        sources := sources || source;
    END LOOP;

    IF targets = '{}' THEN
        -- rows without a column that is written are rows, too
        command := format('INSERT INTO %s SELECT FROM %s b', tab.goal_identity, base);
        RETURN NEXT;
        RETURN;
    END IF;
    command := format('INSERT INTO %s (%s)%s SELECT %s FROM %s%s', tab.goal_identity, array_to_string(targets, ', '),
                      CASE WHEN overriding THEN ' OVERRIDING SYSTEM VALUE' ELSE '' END,
                      array_to_string(sources, ', '),
                      CASE WHEN joins LIKE '%b.yesterday_n%' THEN
                          format('(SELECT x.*, row_number() OVER (PARTITION BY %s) AS yesterday_n FROM %s x) b',
                                 yesterday._copy_partition($1, tab.bobjid, base_columns), base)
                      ELSE base || ' b' END, joins);
    RETURN NEXT;
END
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
                       AND NOT a.attisdropped AND base_columns ? substr(a.attname, 2)
                       AND NOT substr(a.attname, 2)::smallint = ANY (lost) ORDER BY 1);
    RETURN format(' LEFT JOIN (SELECT y.*, row_number() OVER (PARTITION BY ROW(%s)::text) AS yesterday_n FROM yesterday_shadow.%I y) %s'
                  ' ON ROW(%s)::text = ROW(%s)::text AND %s.yesterday_n = b.yesterday_n',
                  (SELECT string_agg(format('y.c%s::text', k), ', ') FROM unnest(present) k), copy, alias,
                  (SELECT string_agg(format('%s.c%s::text', alias, k), ', ') FROM unnest(present) k),
                  (SELECT string_agg(format('%s::text', base_columns ->> k::text), ', ') FROM unnest(present) k), alias);
END
$function$;
COMMENT ON FUNCTION yesterday._copy_join(name, smallint[], smallint[], jsonb, text, text) IS 'internal: join that finds saved values';
REVOKE ALL ON FUNCTION yesterday._copy_join(name, smallint[], smallint[], jsonb, text, text) FROM PUBLIC;

-- yesterday._default_value(column): what a column gets in rows that have no value for it.
CREATE FUNCTION yesterday._default_value(col jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN col ->> 'default' NOT LIKE '%nextval(%' THEN format('(%s)::%s', col ->> 'default', col ->> 'type')
                ELSE 'NULL' END
$function$;
COMMENT ON FUNCTION yesterday._default_value(jsonb) IS 'internal: default of a column as an expression of its type';
REVOKE ALL ON FUNCTION yesterday._default_value(jsonb) FROM PUBLIC;

-- yesterday._copy_partition(...): the columns of the base by which rows without a key are paired.
CREATE FUNCTION yesterday._copy_partition(deployment bigint, relation oid, base_columns jsonb) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('ROW(%s)::text', string_agg(format('%s::text', replace(c.value, 'b.', 'x.')), ', ' ORDER BY c.key::smallint))
    FROM jsonb_each_text(base_columns) c
    WHERE NOT EXISTS (SELECT FROM yesterday.saved_table s
                      WHERE s.deployment = $1 AND s.relid = $2 AND c.key::smallint = ANY (s.lost))
$function$;
COMMENT ON FUNCTION yesterday._copy_partition(bigint, oid, jsonb) IS 'internal: columns that pair rows without a key';
REVOKE ALL ON FUNCTION yesterday._copy_partition(bigint, oid, jsonb) FROM PUBLIC;

-- yesterday._exact_cast(expression, from, to): a cast that fails rather than lose something: a cast cuts strings and
-- rounds numbers without a word. What does not come back the same is made an error of a failing cast.
CREATE FUNCTION yesterday._exact_cast(expression text, from_type text, to_type text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN c.fields IS NOT NULL THEN c.fields
                WHEN from_type = to_type OR (from_type IN ('smallint', 'integer') AND to_type IN ('integer', 'bigint', 'text'))
                     OR (from_type LIKE 'character varying%' AND to_type IN ('text', 'character varying'))
                THEN c.there
                ELSE format('CASE WHEN (%s)::text IS NOT DISTINCT FROM (%s)::text THEN %s ELSE (''does not fit: '' || (%s)::text)::integer::text::%s END',
                            yesterday._cast_expression(c.there, to_type, from_type), expression, c.there, expression, to_type) END
    FROM (SELECT yesterday._cast_expression(expression, from_type, to_type) AS there,
                 yesterday._composite_cast(expression, from_type, to_type) AS fields) c
$function$;
COMMENT ON FUNCTION yesterday._exact_cast(text, text, text) IS 'internal: cast that loses nothing, or fails';
REVOKE ALL ON FUNCTION yesterday._exact_cast(text, text, text) FROM PUBLIC;

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


-- yesterday._composite_cast(expression, from, to): a value of a composite type that was put aside as one of the type of
-- before, field by field; null for other types. Fields that only the type of before has become null.
CREATE FUNCTION yesterday._composite_cast(expression text, from_type text, to_type text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    fields text;
BEGIN
    SELECT string_agg(CASE WHEN n IS NULL THEN format('NULL::%s', g.value ->> 'type')
                           ELSE yesterday._exact_cast(format('(%s).%I', expression, n ->> 'name'), n ->> 'type', g.value ->> 'type') END,
                      ', ' ORDER BY g.ordinality)
    INTO fields
    FROM yesterday.plan_aside a
    JOIN yesterday.plan_node p ON p.deployment = a.deployment AND p.kind = 'composite type' AND p.now_identity = a.aside
    CROSS JOIN LATERAL jsonb_array_elements(p.goal_def -> 'attributes') WITH ORDINALITY AS g
    LEFT JOIN LATERAL jsonb_array_elements(p.now_def -> 'attributes') n ON n -> 'name' = g.value -> 'name'
    WHERE a.aside = from_type AND a.identity = to_type;
    RETURN CASE WHEN fields IS NOT NULL THEN
               format('CASE WHEN (%s)::text IS NOT NULL THEN ROW(%s)::%s END', expression, fields, to_type) END;
END
$function$;
COMMENT ON FUNCTION yesterday._composite_cast(text, text, text) IS 'internal: expression that leads a composite type put aside to the one of before';
REVOKE ALL ON FUNCTION yesterday._composite_cast(text, text, text) FROM PUBLIC;
