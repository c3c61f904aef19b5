-- yesterday._newer_rows(deployment, node, aside): rows that others wrote into a table by which the deployment replaced one of
-- the same name. They are business: they stay, in the columns that both tables have, and take what their
-- row of before had in the others, found by key. A row of before that has no place beside them goes to the
-- attic. No row of the answer where the new table's rows do not fit the old one: the attic has them all.
--   collides   condition under which a saved row "b" has no place beside a newer row
--   command    INSERT that fills the newer rows into the old table
CREATE FUNCTION yesterday._newer_rows(deployment bigint, node integer, aside text)
RETURNS TABLE (collides text, command text, reads name[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tab yesterday.plan_node;
    whole yesterday.saved_table;
    names jsonb;                        -- number before -> name of the column now
    by_key text;
    written text;
    identity boolean;
BEGIN
    SELECT p.* INTO STRICT tab FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2;
    IF tab.action <> 'rebuild' OR tab.bobjid = tab.aobjid OR yesterday._in_transaction_scope() OR NOT yesterday._same_cluster($1)
       OR EXISTS (SELECT FROM yesterday.captured_table c WHERE c.deployment = $1 AND c.relid IN (tab.bobjid, tab.aobjid) AND NOT c.business) THEN
        RETURN;
    END IF;
    SELECT s.* INTO whole FROM yesterday.saved_table s
    WHERE s.deployment = $1 AND s.relid = tab.bobjid AND s.event = 'drop' ORDER BY s.id DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT coalesce(jsonb_object_agg(c ->> 'num', c #> '{now,name}'), '{}') INTO names
    FROM jsonb_array_elements(tab.columns) c WHERE c ? 'now' AND c ? 'goal' AND NOT c -> 'goal' ? 'expression';
    IF names = '{}' OR NOT names ?& ARRAY(SELECT k::text FROM unnest(whole.key_columns) k)
       OR EXISTS (SELECT FROM jsonb_array_elements(tab.columns) c
                  WHERE names ? (c ->> 'num') AND NOT yesterday._is_exact(c #>> '{now,type}', c #>> '{goal,type}')) THEN
        RETURN;
    END IF;
    written := format('n.xmin::text <> ALL (%L)', yesterday._member_xids($1));
    SELECT string_agg(format('n.%I::text = s.c%s::text', names ->> k::text, k), ' AND ') INTO by_key FROM unnest(whole.key_columns) k;
    IF EXISTS (SELECT FROM jsonb_array_elements(tab.columns) c
               WHERE c ? 'goal' AND NOT c ? 'now' AND c -> 'goal' ? 'not_null' AND NOT c -> 'goal' ? 'identity'
                 AND yesterday._default_value(c -> 'goal') = 'NULL') THEN
        IF by_key IS NULL THEN
            RETURN;
        END IF;
        written := written || ' AND s.op IS NOT NULL';
    END IF;

    SELECT string_agg(format('EXISTS (SELECT FROM ONLY %s n WHERE %s AND %s)', aside, replace(written, ' AND s.op IS NOT NULL', ''), e.equal), ' OR ')
    INTO collides
    FROM (SELECT string_agg('n.' || quote_ident(names ->> k) || '::text = b.c' || k || '::text', ' AND ') AS equal
          FROM jsonb_array_elements(whole.unique_keys) WITH ORDINALITY AS u (keys, o)
          CROSS JOIN LATERAL jsonb_array_elements_text(u.keys) k
          GROUP BY u.o HAVING bool_and(names ? k)) e;
    SELECT bool_or(c -> 'goal' ? 'identity'),
           format('INSERT INTO %s (%s)%s SELECT %s FROM ONLY %s n%s WHERE %s', tab.goal_identity,
                  string_agg(quote_ident(c #>> '{goal,name}'), ', ' ORDER BY o),
                  CASE WHEN bool_or(c -> 'goal' ? 'identity') THEN ' OVERRIDING SYSTEM VALUE' ELSE '' END,
                  string_agg(CASE WHEN c ? 'now' THEN format('n.%I::%s', c #>> '{now,name}', c #>> '{goal,type}')
                                  WHEN by_key IS NOT NULL AND c ? 'num' AND EXISTS (
                                       SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(format('yesterday_shadow.%I', whole.shadow_name))
                                         AND a.attname = 'c' || (c ->> 'num')) THEN
                                       format('CASE WHEN s.op IS NOT NULL THEN s.c%s::%s ELSE %s END', c ->> 'num', c #>> '{goal,type}',
                                              yesterday._default_value(c -> 'goal'))
                                  ELSE yesterday._default_value(c -> 'goal') END, ', ' ORDER BY o),
                  aside, CASE WHEN by_key IS NOT NULL THEN format(' LEFT JOIN yesterday_shadow.%I s ON %s', whole.shadow_name, by_key) END,
                  written)
    INTO identity, command
    FROM jsonb_array_elements(tab.columns) WITH ORDINALITY AS v (c, o)
    WHERE c ? 'goal' AND NOT c -> 'goal' ? 'expression';
    reads := ARRAY[whole.shadow_name];
    RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION yesterday._newer_rows(bigint, integer, text) IS 'internal: rows of others in a table that replaced one';
REVOKE ALL ON FUNCTION yesterday._newer_rows(bigint, integer, text) FROM PUBLIC;

-- yesterday._keep_superseded(deployment, rollback): rows of a dropped table that have no place beside rows which others wrote
-- into the one that replaced it. For a rollback that is only foreseen they are counted.
CREATE FUNCTION yesterday._keep_superseded(deployment bigint, rollback bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres' SET extra_float_digits = 3
AS $function$
DECLARE
    tab record;
BEGIN
    FOR tab IN
        SELECT p.*, n.collides, n.reads[1] AS copy, s.key_columns
        FROM yesterday.plan_node p
        CROSS JOIN LATERAL yesterday._newer_rows($1, p.node, p.now_identity) n
        JOIN yesterday.saved_table s ON s.deployment = $1 AND s.shadow_name = n.reads[1]
        WHERE p.deployment = $1 AND p.kind = 'table' AND n.collides IS NOT NULL
        ORDER BY p.node
    LOOP
        IF yesterday._is_foreseen($2) THEN
            EXECUTE format('SELECT count(*) FROM yesterday_shadow.%I b WHERE %s', tab.copy, tab.collides) INTO rows;
        ELSE
            EXECUTE format($query$
                INSERT INTO yesterday.attic_row
                    (rollback, deployment, schema_name, table_name, owner, kind, row_key, row_data, type_names, detail)
                SELECT $1, $2, $3, $4, $5, 'unplaceable', %s, %s, $6, 'a row with its key was written since, and stays'
                FROM yesterday_shadow.%I b WHERE %s
                $query$,
                (SELECT format('jsonb_build_object(%s)', string_agg(format('%L, b.c%s::text', c #>> '{goal,name}', c ->> 'num'), ', '))
                 FROM jsonb_array_elements(tab.columns) c WHERE (c ->> 'num')::smallint = ANY (tab.key_columns)),
                (SELECT format('jsonb_build_object(%s)', string_agg(format('%L, b.c%s::text', c #>> '{goal,name}', c ->> 'num'), ', '))
                 FROM jsonb_array_elements(tab.columns) c
                 WHERE c ? 'num' AND c ? 'goal' AND EXISTS (
                     SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(format('yesterday_shadow.%I', tab.copy))
                       AND a.attname = 'c' || (c ->> 'num'))),
                tab.copy, tab.collides)
            USING $2, $1, tab.schema_name, (parse_ident(tab.now_identity))[2], tab.now_owner,
                  (SELECT jsonb_object_agg(c #>> '{goal,name}', c #> '{goal,type}') FROM jsonb_array_elements(tab.columns) c WHERE c ? 'num');
            GET DIAGNOSTICS rows = ROW_COUNT;
        END IF;
        IF rows > 0 THEN
            subject := tab.goal_identity;
            outcome := 'unplaceable';
            detail := 'rows of before, beside rows with their key that were written since; SELECT * FROM yesterday.attic';
            RETURN NEXT;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._keep_superseded(bigint, bigint) IS 'internal: keeps rows of before that have no place beside newer ones';
REVOKE ALL ON FUNCTION yesterday._keep_superseded(bigint, bigint) FROM PUBLIC;
