-- yesterday._row_sources(deployment, node, aside): where the rows of a table that the inverse makes anew come from, one
-- row a column; one without a target if no column is written, none if the table was empty.
--
-- The rows come from the table as it is now, under the name that it was put aside with, or, where the deployment
-- dropped it, from the copy made before the drop. Values of columns that were dropped, or whose type was
-- changed with loss, come from their own copies, found by key; for rows written since they are the column's
-- default, or what a cast makes of the new value. Without a key equal rows are paired in any order: which of
-- them gets which value makes no difference. What an abandoned deployment wrote after it had dropped the key of a
-- table under capture is no row of before, and finds no values there: it is left behind.
--   retyped   a value of now has to fit the type of before
--   reads     copies in yesterday_shadow that the owner has to be let see
CREATE FUNCTION yesterday._row_sources(deployment bigint, node integer, aside text)
RETURNS TABLE (place integer, target text, source text, identity boolean, retyped boolean, rows_from text, reads name[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tab yesterday.plan_node;
    whole yesterday.saved_table;
    saved record;
    col jsonb;
    base text;
    base_columns jsonb := '{}';          -- number before -> expression of the base
    brought_back jsonb := '{}';          -- the same of columns that copies have
    then_columns jsonb := '{}';          -- the same of columns that later commands gave another type: as texts of the type then
    opened jsonb := '{}';                -- of these what copies that are being joined say
    within jsonb := '{}';                -- copies that are columns of the base by now
    joins text := '';
    captured bigint;
    own text[];
    unfound text := '';
    unfound_in text;
    known jsonb;
    carried text;
    was text;
    taken text := yesterday._taken_rows($1, $2, aside);
    recorded record;
    goal jsonb;
    long_name text;
BEGIN
    SELECT p.* INTO STRICT tab FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2;
    captured := (SELECT c.id FROM yesterday.captured_table c
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
        base := coalesce((SELECT format('(SELECT * FROM yesterday_shadow.%I b WHERE NOT (%s))', whole.shadow_name, n.collides)
                          FROM yesterday._newer_rows($1, $2, aside) n WHERE n.collides IS NOT NULL), base);
    ELSE
        base := 'ONLY ' || aside;
        FOR col IN SELECT c FROM jsonb_array_elements(tab.columns) c WHERE c ? 'num' AND c ? 'now' LOOP
            base_columns := base_columns || jsonb_build_object(col ->> 'num', format('b.%I', col #>> '{now,name}'));
        END LOOP;
    END IF;

    -- the copies of columns that are wanted; rows that are put back one by one as a whole take nothing from them
    FOR saved IN
        SELECT s.*, row_number() OVER (ORDER BY s.id) AS place
        FROM yesterday.saved_table s
        WHERE s.deployment = $1 AND s.relid = tab.bobjid AND s.event <> 'drop' AND s.rows > 0 AND NOT s.emptied
          AND s.lost && ARRAY(SELECT (c ->> 'num')::smallint FROM jsonb_array_elements(tab.columns) c WHERE c ? 'goal' AND c ? 'num')
          AND taken IS NULL AND tab.reason <> 'again'
        -- the last one first: it can bring back the key by which an earlier one is found
        ORDER BY s.id DESC
    LOOP
        IF opened <> '{}'
           AND (saved.key_columns = '{}' OR NOT base_columns || brought_back ?& ARRAY(SELECT k::text FROM unnest(saved.key_columns) k)) THEN
            -- rows are paired by number, counted by what the columns were then: what was joined so far is the base from here on
            within := within || (SELECT jsonb_object_agg(a[1], true) FROM regexp_matches(joins, ' ([sa][0-9]+) ON ', 'g') a);
            carried := (SELECT string_agg(e.expression, ', ' ORDER BY e.expression)
                        FROM (SELECT b.value FROM jsonb_each_text(base_columns) b
                              UNION SELECT format('b.%I', c #>> '{now,name}') FROM jsonb_array_elements(tab.columns) c WHERE c ? 'now' AND whole.id IS NULL
                              UNION SELECT format('%s AS yesterday_%s', CASE WHEN joins LIKE '% ' || w || ' ON %' THEN w ELSE 'b.yesterday_' || w END, w)
                                    FROM jsonb_object_keys(within) w
                              UNION SELECT format('%s AS yesterday_v%s', t.value, t.key) FROM jsonb_each_text(then_columns || opened) t
                              UNION SELECT 'b.yesterday_x' WHERE base LIKE 'ONLY %' OR base LIKE '%b.yesterday_x%') AS e (expression));
            base := format('(SELECT %s FROM %s b%s)', carried, yesterday._numbered_base(base, joins, base_columns || then_columns, own, true), joins);
            then_columns := then_columns || (SELECT jsonb_object_agg(t, 'b.yesterday_v' || t) FROM jsonb_object_keys(opened) t);
            brought_back := (SELECT coalesce(jsonb_object_agg(t.key, regexp_replace(t.value, '^([sa][0-9]+)[.]', '(b.yesterday_\1).')), '{}')
                             FROM jsonb_each_text(brought_back) t);
            opened := '{}';
            joins := '';
        END IF;
        known := base_columns || brought_back || then_columns || opened;
        joins := joins || yesterday._copy_join(saved.shadow_name, saved.key_columns, saved.lost, known, 's' || saved.place, base);
        reads := reads || saved.shadow_name;
        IF saved.event = 'column' AND saved.key_columns = '{}' AND captured IS NOT NULL AND tab.bobjid = tab.aobjid
           -- once it is finished, others can give these rows other transactions
           AND EXISTS (SELECT FROM yesterday.rollback r WHERE r.deployment = $1 AND r.kind = 'abandon') THEN
            own := yesterday._xids_since($1, saved.relid, saved.lost);
            unfound_in := 's' || saved.place;
        END IF;
        IF saved.after_name IS NOT NULL THEN
            joins := joins || yesterday._copy_join(saved.after_name, saved.key_columns, saved.lost, known, 'a' || saved.place, base);
            reads := reads || saved.after_name;
            -- an earlier copy has been told apart by what these columns were before
            FOR was IN SELECT l::text FROM unnest(saved.lost) l WHERE saved.event = 'type' AND base_columns ? l::text LOOP
                opened := opened || jsonb_build_object(was, format(
                    '(CASE WHEN a%1$s.op IS NOT NULL AND a%1$s.c%2$s::text IS NOT DISTINCT FROM (%3$s)::text THEN s%1$s.c%2$s::text ELSE (%3$s)::text END)',
                    saved.place, was, known ->> was));
            END LOOP;
        END IF;
        IF saved.event = 'column' THEN
            brought_back := brought_back || (SELECT coalesce(jsonb_object_agg(l, format('s%s.c%s', saved.place, l)), '{}') FROM unnest(saved.lost) l
                                             WHERE NOT base_columns ? l::text);
        END IF;
    END LOOP;

    IF taken IS NOT NULL THEN
        reads := reads || ARRAY(SELECT s.after_name FROM yesterday.saved_table s
                                WHERE s.deployment = $1 AND s.relid = tab.bobjid AND s.after_name IS NOT NULL
                                UNION ALL
                                SELECT c.shadow_name FROM yesterday.captured_table c WHERE c.id = captured AND c.key_kind = 'row');
    END IF;
    SELECT r.* INTO recorded FROM yesterday._recorded_rows(captured, tab.columns, base_columns) r WHERE taken IS NULL AND whole.id IS NULL;
    reads := reads || coalesce(recorded.reads, '{}');
    IF unfound_in IS NOT NULL THEN
        unfound := format(' WHERE NOT (%s.op IS NULL AND b.yesterday_x::text = ANY (%L))', yesterday._copy_called(within, unfound_in), own);
    END IF;
    rows_from := coalesce(taken, yesterday._numbered_base(base, joins, base_columns || then_columns, own, unfound <> '')) || ' b' || joins || unfound;
    -- numbers of many columns are no name: it would be cut, and not differ from another; the longest first, which others begin
    FOREACH long_name IN ARRAY ARRAY(SELECT DISTINCT f[1] FROM regexp_matches(joins, 'b[.](yesterday_n_[0-9_]{40,})', 'g') f
                                     ORDER BY 1 DESC) LOOP
        rows_from := replace(rows_from, long_name, 'yesterday_n_' || md5(long_name));
    END LOOP;
    place := 0;

    FOR col IN SELECT c FROM jsonb_array_elements(tab.columns) WITH ORDINALITY AS v(c, o)
               WHERE c ? 'goal' ORDER BY o LOOP
        goal := col -> 'goal';
        CONTINUE WHEN goal ? 'expression';
        identity := goal ? 'identity';
        source := CASE WHEN col ? 'num' THEN base_columns ->> (col ->> 'num')
                       ELSE format('b.%I', col #>> '{now,name}') END;
        retyped := source IS NOT NULL AND whole.id IS NULL AND col #> '{now,type}' IS DISTINCT FROM goal -> 'type';
        IF source IS NOT NULL AND (whole.id IS NOT NULL OR col #> '{now,type}' IS DISTINCT FROM goal -> 'type') THEN
            source := CASE WHEN whole.id IS NULL THEN yesterday._exact_cast(source, col #>> '{now,type}', goal ->> 'type')
                           ELSE format('%s::%s', source, goal ->> 'type') END;
        END IF;
        -- the first copy has the value of before, the last one what the deployment left
        SELECT s.event, s.place, s.last_place INTO saved
        FROM (SELECT s.event, s.lost, row_number() OVER (ORDER BY s.id) AS place,
                     max(CASE WHEN s.event = 'type' AND (col ->> 'num')::smallint = ANY (s.lost) THEN s.n END) OVER () AS last_place
              FROM (SELECT t.*, row_number() OVER (ORDER BY t.id) AS n FROM yesterday.saved_table t
                    WHERE t.deployment = $1 AND t.relid = tab.bobjid AND t.event <> 'drop' AND t.rows > 0 AND NOT t.emptied
                      AND t.lost && ARRAY(SELECT (c ->> 'num')::smallint FROM jsonb_array_elements(tab.columns) c
                                          WHERE c ? 'goal' AND c ? 'num')) s) s
        WHERE (col ->> 'num')::smallint = ANY (s.lost) AND taken IS NULL AND tab.reason <> 'again' ORDER BY s.place LIMIT 1;
        IF FOUND THEN
            -- rows under capture get their values afterwards: here they only have to fit
            IF saved.event = 'type' AND source IS NOT NULL AND captured IS NULL THEN
                source := format('CASE WHEN %1$s.op IS NOT NULL AND %1$s.c%2$s::text IS NOT DISTINCT FROM (%3$s)::text THEN %4$s.c%2$s::%5$s ELSE %6$s END',
                    yesterday._copy_called(within, 'a' || saved.last_place), col ->> 'num', base_columns ->> (col ->> 'num'),
                    yesterday._copy_called(within, 's' || saved.place), goal ->> 'type', source);
            ELSE
                source := format('CASE WHEN %1$s.op IS NOT NULL THEN %1$s.c%2$s::%3$s ELSE %4$s END',
                    yesterday._copy_called(within, 's' || saved.place), col ->> 'num', goal ->> 'type',
                    coalesce(source, yesterday._default_value(goal)));
            END IF;
        ELSIF source IS NULL THEN
            source := CASE WHEN identity OR recorded.condition IS NULL THEN yesterday._default_value(goal)
                           ELSE format('CASE WHEN NOT %s THEN %s END', recorded.condition, yesterday._default_value(goal)) END;
        END IF;
        target := goal ->> 'name';
        place := place + 1;
        RETURN NEXT;
    END LOOP;
    IF place = 0 THEN
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._row_sources(bigint, integer, text) IS 'internal: where the rows of a table made anew come from';
REVOKE ALL ON FUNCTION yesterday._row_sources(bigint, integer, text) FROM PUBLIC;

-- yesterday._recorded_rows(captured table, columns, base columns): of a table without a key, to which a column with a default comes back:
-- whether a row is one that the deployment has left, as a condition. Such rows go, and those of before come, one by one; they are
-- found by what is recorded of them, which is nothing for that column. None for any other table.
CREATE FUNCTION yesterday._recorded_rows(captured bigint, columns jsonb, base_columns jsonb) RETURNS TABLE (condition text, reads name[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('(ROW(%s)::text IN (SELECT ROW(%s)::text FROM yesterday_shadow.%I r WHERE r.op = ''I''))',
                  string_agg(format('%s::text', base_columns ->> k.attnum::text), ', ' ORDER BY k.attnum),
                  string_agg(format('r.%I::text', k.shadow_column), ', ' ORDER BY k.attnum), c.shadow_name),
           ARRAY[c.shadow_name]
    FROM yesterday.captured_table c
    JOIN yesterday.captured_column k ON k.captured_table = c.id AND base_columns ? k.attnum::text AND NOT k.generated
    WHERE c.id = captured AND c.key_kind = 'row'
      AND EXISTS (SELECT FROM jsonb_array_elements(columns) x WHERE x ? 'num' AND NOT x ? 'now' AND x -> 'goal' ? 'default')
      -- where it has columns of its own for them
      AND NOT EXISTS (SELECT FROM yesterday.captured_column w WHERE w.captured_table = c.id AND w.shadow_column <> 'c' || w.attnum)
    GROUP BY c.shadow_name
$function$;
COMMENT ON FUNCTION yesterday._recorded_rows(bigint, jsonb, jsonb) IS 'internal: rows without a key that a deployment has left';
REVOKE ALL ON FUNCTION yesterday._recorded_rows(bigint, jsonb, jsonb) FROM PUBLIC;

-- yesterday._xids_since(deployment, relation, lost): transactions of a deployment, as rows carry them, that wrote a row themselves
-- where it carries one of them after these columns of the table were dropped. A later command on the table can have
-- given its transaction to rows of everybody.
CREATE FUNCTION yesterday._xids_since(deployment bigint, relation oid, lost smallint[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT ARRAY(SELECT c.carried FROM yesterday._carried_xids($1) c
                 WHERE EXISTS (SELECT FROM yesterday.ddl_entry e
                               WHERE e.deployment = $1 AND e.xid = c.xid AND e.event = 'drop' AND e.classid = 'pg_class'::regclass
                                 AND e.objid = $2 AND e.objsubid = ANY ($3))
                    OR NOT EXISTS (SELECT FROM yesterday.ddl_entry e
                                   WHERE e.deployment = $1 AND e.xid = c.xid AND (e.objid = $2 OR e.tag = 'ALTER TYPE')))
$function$;
COMMENT ON FUNCTION yesterday._xids_since(bigint, oid, smallint[]) IS 'internal: transactions that wrote the rows that carry them';
REVOKE ALL ON FUNCTION yesterday._xids_since(bigint, oid, smallint[]) FROM PUBLIC;

-- yesterday._unfit_columns(deployment, node, aside, owner): the columns that hold values which do not fit the types of before:
-- each is tried alone, as the owner of the table.
CREATE FUNCTION yesterday._unfit_columns(deployment bigint, node integer, aside text, owner name)
RETURNS TABLE (target text, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT s.* FROM yesterday._row_sources($1, $2, $3) s WHERE s.retyped ORDER BY s.place LOOP
        BEGIN
            PERFORM yesterday._run_step($4, format('SELECT count(%s) FROM %s', item.source, item.rows_from), item.reads, NULL, NULL);
        EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
            target := item.target;
            detail := SQLERRM;
            RETURN NEXT;
        END;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._unfit_columns(bigint, integer, text, name) IS 'internal: columns whose values do not fit the types of before';
REVOKE ALL ON FUNCTION yesterday._unfit_columns(bigint, integer, text, name) FROM PUBLIC;

-- yesterday._taken_rows(deployment, node, aside): the rows to carry over, as a subquery, from a table under capture whose rows cannot
-- be told apart any more by what they were told apart by before: its key, or for want of one some value of theirs,
-- changed its type. Every row of before was captured when that happened, and is put back one by one. What
-- remains is what others wrote since: with a key that no row had then. Null for any other table.
--
-- Of a table without a key only the number of equal rows that came or went is put back. So rows that the deployment left
-- are carried over, too, where an equal row was there before it, or one of others is: which are removed then is counted.
CREATE FUNCTION yesterday._taken_rows(deployment bigint, node integer, aside text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    found_in record;
    keys jsonb;
    taken text;
    row_now text;
    image text;
    gone text;
    own text[];
BEGIN
    SELECT p.now_identity, s.relid, s.after_name, c.id AS captured, c.key_kind, c.shadow_name AS images
    INTO found_in
    FROM yesterday.plan_node p
    JOIN yesterday.captured_table c ON c.deployment = $1 AND c.relid = p.bobjid AND NOT c.business
    JOIN yesterday.saved_table s ON s.deployment = $1 AND s.relid = p.bobjid AND s.event = 'type' AND s.after_name IS NOT NULL
                                AND s.rows > 0
                                -- another key finds the copied values; but not which rows there were
                                AND (s.key_columns = '{}' OR c.key_kind <> 'row' AND EXISTS (
                                     SELECT FROM yesterday.captured_column k
                                     WHERE k.captured_table = c.id AND k.column_name = ANY (c.key_columns) AND k.attnum = ANY (s.lost)))
    WHERE p.deployment = $1 AND p.node = $2 AND p.action = 'rebuild' AND p.bobjid = p.aobjid AND p.reason <> 'again'
    ORDER BY s.id DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    keys := yesterday._taken_keys($1, $2, found_in.relid, found_in.after_name);
    own := yesterday._member_xids($1);
    -- before its commit a deployment's own transaction is not entered yet
    IF yesterday._in_transaction_scope() THEN
        EXECUTE format('SELECT $1 || ARRAY(SELECT DISTINCT t.xmin::text FROM ONLY %s t WHERE yesterday._is_own_xid(t.xmin))', found_in.now_identity)
        INTO own USING own;
    END IF;
    taken := format('SELECT x.*, a.op IS NULL AND x.yesterday_x::text <> ALL (%6$L) AS yesterday_o'
                    ' FROM (SELECT z.*, z.xmin AS yesterday_x, row_number() OVER (PARTITION BY ROW(%1$s)::text) AS yesterday_n FROM ONLY %2$s z) x'
                    ' LEFT JOIN (SELECT ROW(%3$s)::text AS r, row_number() OVER (PARTITION BY ROW(%3$s)::text) AS n, y.op FROM yesterday_shadow.%4$I y) a'
                    ' ON a.r = ROW(%5$s)::text AND a.n = x.yesterday_n',
                    (SELECT string_agg(format('z.%I::text', k.value #>> '{}'), ', ' ORDER BY k.key::integer) FROM jsonb_each(keys) k), aside,
                    (SELECT string_agg(format('y.c%s::text', k.key), ', ' ORDER BY k.key::integer) FROM jsonb_each(keys) k), found_in.after_name,
                    (SELECT string_agg(format('x.%I::text', k.value #>> '{}'), ', ' ORDER BY k.key::integer) FROM jsonb_each(keys) k),
                    own);
    IF found_in.key_kind <> 'row' THEN
        RETURN format('(SELECT o.* FROM (%s) o WHERE o.yesterday_o)', taken);
    END IF;
    -- without a key rows are put back by number: equal ones are counted together
    SELECT string_agg(format('v.%I::text', c.v #>> '{now,name}'), ', ' ORDER BY k.attnum) FILTER (WHERE c.v IS NOT NULL),
           string_agg(format('i.%I::text', k.shadow_column), ', ' ORDER BY k.attnum) FILTER (WHERE c.v IS NOT NULL),
           coalesce(string_agg(format(' AND i.%I IS NULL', k.shadow_column), '' ORDER BY k.attnum) FILTER (WHERE c.v IS NULL), '')
    INTO row_now, image, gone
    FROM yesterday.captured_column k
    LEFT JOIN (yesterday.plan_node p CROSS JOIN LATERAL jsonb_array_elements(p.columns) AS c (v))
        ON p.deployment = $1 AND p.node = $2 AND c.v ? 'now' AND (c.v ->> 'num')::smallint = k.attnum
    WHERE k.captured_table = found_in.captured AND NOT k.generated;
    RETURN format('(SELECT w.* FROM (SELECT v.*, bool_or(v.yesterday_o) OVER (PARTITION BY ROW(%1$s)::text) AS yesterday_e,'
                  ' ROW(%1$s)::text IN (SELECT ROW(%2$s)::text FROM yesterday_shadow.%3$I i WHERE i.op <> ''I''%4$s) AS yesterday_b FROM (%5$s) v) w'
                  ' WHERE w.yesterday_e OR w.yesterday_b)', row_now, image, found_in.images, gone, taken);
END
$function$;
COMMENT ON FUNCTION yesterday._taken_rows(bigint, integer, text) IS 'internal: rows of a table whose key changed its type, that are carried over';
REVOKE ALL ON FUNCTION yesterday._taken_rows(bigint, integer, text) FROM PUBLIC;

-- yesterday._taken_keys(deployment, node, relation, copy): what rows of a table under capture are told apart by, that both the
-- copy and the table have: {number: name now}.
CREATE FUNCTION yesterday._taken_keys(deployment bigint, node integer, relation oid, copy name) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_object_agg(col.c ->> 'num', col.c #> '{now,name}'), '{}')
    FROM yesterday.plan_node p
    CROSS JOIN LATERAL jsonb_array_elements(p.columns) AS col (c)
    JOIN yesterday.captured_table t ON t.deployment = $1 AND t.relid = $3
    LEFT JOIN yesterday.captured_column k ON k.captured_table = t.id AND k.attnum = (col.c ->> 'num')::smallint
    WHERE p.deployment = $1 AND p.node = $2 AND col.c ? 'num' AND col.c ? 'now'
      AND (t.key_kind = 'row' OR k.column_name = ANY (t.key_columns))
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(format('yesterday_shadow.%I', $4))
                    AND a.attname = 'c' || (col.c ->> 'num'))
$function$;
COMMENT ON FUNCTION yesterday._taken_keys(bigint, integer, oid, name) IS 'internal: what rows of a table whose key changed its type are told apart by';
REVOKE ALL ON FUNCTION yesterday._taken_keys(bigint, integer, oid, name) FROM PUBLIC;
