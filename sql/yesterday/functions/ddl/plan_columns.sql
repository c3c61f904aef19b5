-- yesterday._plan_columns(deployment, phase, again): adds the columns, defaults and NOT NULLs of changed
-- tables to the plan. A table that is created or rebuilt has its columns in its own command, but
-- defaults and NOT NULLs as steps; one that is dropped takes all with it.
--
-- A table is rebuilt where ALTER cannot make it what it was: the order of its columns, values that
-- were saved before they were lost, expressions of generated columns, or another table of its name.
--   again   it has all that already, and only types of columns are left
CREATE FUNCTION yesterday._plan_columns(deployment bigint, phase text, again boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tab record;
    merged jsonb;
    rebuilt boolean;
    computed boolean;
    too_large boolean;
    in_place boolean;
    accepted boolean := (SELECT d.accept_irreversible FROM yesterday.deployment d WHERE d.id = deployment);
    survivors text[];
    wanted text[];
BEGIN
    FOR tab IN
        SELECT p.*, b.definition -> 'columns' AS before_columns, a.definition -> 'columns' AS after_columns
        FROM yesterday.plan_node p
        LEFT JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before'
                                           AND b.classid = p.classid AND b.objid = p.bobjid
        LEFT JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after'
                                           AND a.classid = p.classid AND a.objid = p.aobjid
        WHERE p.deployment = $1 AND p.kind IN ('table', 'foreign table') AND p.action NOT IN ('drop', 'none')
        -- a partitioned table before its partitions
        ORDER BY (WITH RECURSIVE above AS (SELECT p.objid AS relid, 0 AS level
                                           UNION ALL SELECT i.inhparent, a.level + 1 FROM above a JOIN pg_inherits i ON i.inhrelid = a.relid)
                  SELECT max(a.level) FROM above a), p.node
    LOOP
        IF tab.action = 'create' THEN
            merged := (SELECT jsonb_agg(jsonb_build_object('goal', c, 'num', c -> 'num') ORDER BY o)
                       FROM jsonb_array_elements(tab.goal_def -> 'columns') WITH ORDINALITY AS v(c, o));
        ELSE
            merged := (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                                  'now', m.now_column, 'goal', m.goal_column, 'num', m.before_num)) ORDER BY m.place)
                       FROM yesterday._merge_columns(tab.before_columns, coalesce(tab.after_columns, tab.before_columns),
                                tab.now_def -> 'columns', tab.bobjid = tab.aobjid, tab.objid = tab.aobjid, tab.repointed) m);
        END IF;
        merged := (SELECT coalesce(jsonb_agg(CASE WHEN c ? 'goal' THEN
                              jsonb_set(c, '{goal}', yesterday._from_aside($1, c -> 'goal')) ELSE c END ORDER BY o), '[]')
                   FROM jsonb_array_elements(merged) WITH ORDINALITY AS v(c, o));
        -- a type that rows written since do not fit stays as it is
        merged := (SELECT coalesce(jsonb_agg(CASE WHEN c ? 'now' AND c ? 'goal' AND EXISTS (
                              SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1
                                 AND h.identity IN (tab.goal_identity, tab.goal_identity || '.' || quote_ident(c #>> '{goal,name}')))
                          THEN jsonb_set(c, '{goal}', (c -> 'goal') - '{type,collation,expression,generated}'::text[]
                                   || (SELECT jsonb_object_agg(k, c -> 'now' -> k)
                                       FROM unnest('{type,collation,expression,generated}'::text[]) k WHERE c -> 'now' ? k))
                          ELSE c END ORDER BY o), '[]')
                   FROM jsonb_array_elements(merged) WITH ORDINALITY AS v(c, o));
        wanted := ARRAY(SELECT c #>> '{goal,name}' FROM jsonb_array_elements(merged) WITH ORDINALITY AS v(c, o)
                        WHERE c ? 'goal' ORDER BY o);
        survivors := ARRAY(SELECT c #>> '{goal,name}' FROM jsonb_array_elements(merged) c
                           WHERE c ? 'goal' AND c ? 'now' ORDER BY (c #>> '{now,num}')::integer);
        -- ALTER leads no column to another type that a generated one is computed of
        computed := tab.kind = 'table' AND tab.action <> 'create'
                    AND EXISTS (SELECT FROM jsonb_array_elements(merged) c WHERE c -> 'now' ? 'generated' AND c -> 'goal' ? 'generated')
                    AND EXISTS (SELECT FROM jsonb_array_elements(merged) c
                                WHERE c ? 'now' AND c ? 'goal' AND c #> '{now,type}' <> c #> '{goal,type}' AND NOT c -> 'now' ? 'generated');
        -- nor one that rows are parted by
        computed := computed OR tab.now_def ? 'partitioned' AND tab.action <> 'create'
                    AND EXISTS (SELECT FROM jsonb_array_elements(merged) c
                                JOIN pg_partitioned_table k ON k.partrelid = tab.objid
                                WHERE c ? 'now' AND c ? 'goal' AND c #> '{now,type}' <> c #> '{goal,type}'
                                  AND ((c #>> '{now,num}')::smallint = ANY (k.partattrs::smallint[]) OR k.partexprs IS NOT NULL));
        -- its partitions get the values that were saved: its own ALTER would have changed them by then
        computed := computed OR tab.now_def ? 'partitioned' AND tab.action <> 'create' AND NOT again
                    AND EXISTS (SELECT FROM jsonb_array_elements(merged) c WHERE c ? 'now' AND c ? 'goal' AND c #> '{now,type}' <> c #> '{goal,type}')
                    AND EXISTS (SELECT FROM pg_partition_tree(tab.objid) t
                                JOIN yesterday.plan_node q ON q.deployment = $1 AND q.kind = 'table' AND q.objid = t.relid
                                JOIN yesterday.saved_table s ON s.deployment = $1 AND s.relid IN (q.bobjid, t.relid) AND s.event = 'type' AND s.rows > 0);
        -- a partition goes with its parent, where that is made anew and it has other columns itself
        computed := computed OR tab.action <> 'create' AND EXISTS (
                        SELECT FROM yesterday.plan_node q
                        WHERE q.deployment = $1 AND q.kind = 'table' AND q.action = 'rebuild' AND (q.now_identity = tab.now_def ->> 'partition_of' OR tab.now_def -> 'inherits' ? q.now_identity))
                    AND EXISTS (SELECT FROM jsonb_array_elements(merged) c
                                WHERE (c -> 'now') - 'num' IS DISTINCT FROM (c -> 'goal') - 'num');
        -- others stand in the way of making it anew
        in_place := EXISTS (SELECT FROM yesterday.plan_hold h
                            WHERE h.deployment = $1 AND h.identity = yesterday._order_of_columns(tab.goal_identity));
        rebuilt := computed OR tab.action <> 'create' AND NOT again AND NOT in_place AND (
            tab.bobjid IS DISTINCT FROM tab.aobjid
            OR yesterday._has_rows_aside($1, tab.now_identity)
            OR tab.goal_def ? 'partition_of' AND yesterday._differs_from_parent($1, tab.objid, tab.goal_def, merged)
            -- no ALTER takes an array apart
            OR EXISTS (SELECT FROM jsonb_array_elements(merged) c JOIN yesterday.plan_aside x ON x.deployment = $1 AND x.aside || '[]' = c #>> '{now,type}'
                       WHERE c ? 'goal' AND yesterday._has_rows_aside($1, x.identity))
            -- it has no rows to carry over
            OR (tab.kind = 'foreign table' AND (
                tab.now_def - '{columns,comment,acl}'::text[] <> tab.goal_def - '{columns,comment,acl}'::text[]
                OR EXISTS (SELECT FROM jsonb_array_elements(merged) c
                           WHERE (c -> 'now') - '{num,comment,acl,default,not_null}'::text[]
                                 IS DISTINCT FROM (c -> 'goal') - '{num,comment,acl,default,not_null}'::text[])))
            OR EXISTS (SELECT FROM jsonb_array_elements(merged) c
                       WHERE c ? 'goal' AND c ? 'now'
                         -- a column of its own is never its parent's alone again
                         AND (tab.goal_def ? 'inherits' AND c #> '{goal,local}' = 'false' AND NOT c -> 'now' ? 'local'
                              OR c #> '{goal,expression}' IS DISTINCT FROM c #> '{now,expression}'
                              OR c #> '{goal,generated}' IS DISTINCT FROM c #> '{now,generated}'))
            OR EXISTS (SELECT FROM yesterday.saved_table s, jsonb_array_elements(merged) c
                       WHERE s.deployment = $1 AND s.relid = tab.bobjid AND s.rows > 0 AND NOT s.emptied
                         AND c ? 'goal' AND (c ->> 'num')::smallint = ANY (s.lost)
                         AND (NOT c ? 'now' OR (s.event = 'type' AND c #> '{now,type}' <> c #> '{goal,type}'))));
        too_large := tab.action <> 'create' AND tab.kind = 'table' AND pg_table_size(tab.objid) > pg_size_bytes(current_setting('yesterday.max_rebuild_bytes'));
        -- ADD COLUMN adds at the end; for a table that is too large to be rebuilt that can be accepted
        rebuilt := rebuilt OR (tab.action <> 'create' AND NOT again AND NOT in_place AND wanted[1:cardinality(survivors)] <> survivors
                               AND NOT (too_large AND accepted));

        IF rebuilt OR tab.action = 'create' THEN
            UPDATE yesterday.plan_node p SET
                action = CASE WHEN rebuilt AND tab.kind = 'table' THEN 'rebuild' WHEN rebuilt THEN 'recreate' ELSE 'create' END,
                columns = merged,
                goal_def = p.goal_def || jsonb_build_object('columns',
                    (SELECT coalesce(jsonb_agg(c -> 'goal' ORDER BY o), '[]')
                     FROM jsonb_array_elements(merged) WITH ORDINALITY AS v(c, o) WHERE c ? 'goal')),
                refusal = CASE
                    WHEN rebuilt AND tab.kind = 'table' AND NOT p.now_def ? 'partitioned' AND EXISTS (
                        SELECT FROM pg_inherits i WHERE i.inhparent = tab.objid
                          AND NOT EXISTS (SELECT FROM yesterday.plan_node c WHERE c.deployment = $1 AND c.kind = 'table' AND c.objid = i.inhrelid)) THEN
                    'it would have to be made anew, and a table that inherits from it would not follow'
                    -- a rollback itself never fails for its size
                    WHEN rebuilt AND too_large AND phase = 'after' AND NOT accepted THEN format(
                    'its rollback would have to rebuild a table of %s; yesterday.max_rebuild_bytes is %s',
                    pg_size_pretty(pg_table_size(tab.objid)), current_setting('yesterday.max_rebuild_bytes')) END
            WHERE p.deployment = $1 AND p.node = tab.node;
        END IF;

        PERFORM yesterday._plan_columns_of($1, tab.node, merged, rebuilt OR tab.action = 'create');
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._plan_columns(bigint, text, boolean) IS 'internal: columns of the tables of a plan';
REVOKE ALL ON FUNCTION yesterday._plan_columns(bigint, text, boolean) FROM PUBLIC;


-- yesterday._differs_from_parent(deployment, relation, definition, columns): a partition to which something comes back that its parent would
-- give it otherwise: a column with an expression of the partition's own, a NOT NULL with a name of its own. One that foreign keys
-- refer to through its parent cannot be made anew alone.
CREATE FUNCTION yesterday._differs_from_parent(deployment bigint, relation oid, goal jsonb, columns jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM yesterday.schema_object p
        CROSS JOIN LATERAL jsonb_array_elements(p.definition -> 'columns') a
        JOIN jsonb_array_elements(columns) c ON c #> '{goal,name}' = a -> 'name'
        WHERE p.deployment = $1 AND p.phase = 'before' AND p.kind = 'table' AND p.identity = goal ->> 'partition_of'
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = relation AND k.conparentid <> 0)
          AND (NOT c ? 'now' AND c #> '{goal,expression}' <> a -> 'expression'
               OR NOT coalesce(c -> 'now' ? 'not_null', false) AND c #> '{goal,not_null}' ? 'inherited'
                  AND c #> '{goal,not_null,name}' <> a #> '{not_null,name}'))
$function$;
COMMENT ON FUNCTION yesterday._differs_from_parent(bigint, oid, jsonb, jsonb) IS 'internal: a partition that is otherwise than its parent would make it';
REVOKE ALL ON FUNCTION yesterday._differs_from_parent(bigint, oid, jsonb, jsonb) FROM PUBLIC;


-- yesterday._order_of_columns(identity): what is held back of a table that cannot be made anew, because others have built on its
-- rows since: columns that come back to it come at the end.
CREATE FUNCTION yesterday._order_of_columns(identity text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT 'order of the columns of ' || $1
$function$;
COMMENT ON FUNCTION yesterday._order_of_columns(text) IS 'internal: what is held back of a table that cannot be made anew';
REVOKE ALL ON FUNCTION yesterday._order_of_columns(text) FROM PUBLIC;

-- yesterday._tables_in_place(deployment): tables of the plan that cannot be made anew, because others have built on their rows since, and
-- that ALTER leads back all the same, but for the order of their columns. Types of columns whose values were saved stay
-- with those of now. As [{identity, detail}]; null: there are none.
CREATE FUNCTION yesterday._tables_in_place(deployment bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT jsonb_agg(jsonb_build_object('identity', h.identity, 'detail', p.refusal))
    FROM yesterday.plan_node p
    CROSS JOIN LATERAL (
        SELECT yesterday._order_of_columns(p.goal_identity) AS identity
        UNION
        SELECT p.goal_identity || '.' || quote_ident(c #>> '{goal,name}')
        FROM jsonb_array_elements(p.columns) c
        JOIN yesterday.saved_table s ON s.deployment = $1 AND s.relid = p.bobjid AND s.event = 'type' AND s.rows > 0 AND (c ->> 'num')::smallint = ANY (s.lost)
        WHERE c ? 'now' AND c ? 'goal' AND c #> '{now,type}' <> c #> '{goal,type}'
    ) h
    WHERE p.deployment = $1 AND p.kind = 'table' AND p.action = 'rebuild' AND p.refusal IS NOT NULL AND p.bobjid = p.aobjid
      -- known when it was deployed
      AND NOT EXISTS (SELECT FROM yesterday.ddl_refusal r WHERE r.deployment = $1 AND r.kind = p.kind AND r.identity IN (p.now_identity, p.goal_identity))
      AND NOT EXISTS (SELECT FROM yesterday.plan_hold x WHERE x.deployment = $1 AND x.identity = yesterday._order_of_columns(p.goal_identity))
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(p.columns) c
                      WHERE c ? 'now' AND c ? 'goal' AND (c #> '{goal,expression}' IS DISTINCT FROM c #> '{now,expression}'
                                                          OR c #> '{goal,generated}' IS DISTINCT FROM c #> '{now,generated}'))
      -- nor what its rows are found by
      AND NOT EXISTS (SELECT FROM yesterday.captured_table k JOIN yesterday.captured_column c ON c.captured_table = k.id
                      JOIN yesterday.saved_table s ON s.deployment = $1 AND s.relid = k.relid AND c.attnum = ANY (s.lost)
                      WHERE k.deployment = $1 AND k.relid = p.bobjid AND c.column_name = ANY (k.key_columns))
$function$;
COMMENT ON FUNCTION yesterday._tables_in_place(bigint) IS 'internal: tables that cannot be made anew and are led back where they are';
REVOKE ALL ON FUNCTION yesterday._tables_in_place(bigint) FROM PUBLIC;
