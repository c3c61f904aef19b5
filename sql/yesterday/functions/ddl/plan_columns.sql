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
    PERFORM yesterday._plan_heirs($1, $2);
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
        computed := computed OR tab.now_def ? 'partitioned' AND tab.action <> 'create' AND NOT again AND yesterday._has_such_parts($1, tab.objid);
        -- a partition goes with its parent, where that is made anew and it has other columns itself
        computed := computed OR tab.action <> 'create' AND EXISTS (
                        SELECT FROM yesterday.plan_node q
                        WHERE q.deployment = $1 AND q.kind = 'table' AND q.action = 'rebuild' AND q.now_identity = tab.now_def ->> 'partition_of')
                    AND EXISTS (SELECT FROM jsonb_array_elements(merged) c
                                WHERE (c -> 'now') - 'num' IS DISTINCT FROM (c -> 'goal') - 'num');
        -- and an heir in any case: as it is made it comes to its parents
        computed := computed OR tab.action <> 'create' AND EXISTS (
                        SELECT FROM yesterday.plan_node q
                        WHERE q.deployment = $1 AND q.kind = 'table' AND q.action = 'rebuild' AND tab.now_def -> 'inherits' ? q.now_identity);
        -- others stand in the way of making it anew
        in_place := EXISTS (SELECT FROM yesterday.plan_hold h
                            WHERE h.deployment = $1 AND h.identity = yesterday._order_of_columns(tab.goal_identity));
        rebuilt := computed OR tab.action <> 'create' AND NOT again AND NOT in_place AND (
            tab.bobjid IS DISTINCT FROM tab.aobjid
            OR yesterday._has_rows_aside($1, tab.now_identity)
            -- no ALTER changes their order
            OR NOT yesterday._are_appended(tab.now_def -> 'inherits', tab.goal_def -> 'inherits')
            OR tab.goal_def ? 'partition_of' AND yesterday._differs_from_parent($1, tab.goal_def, merged)
               AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = tab.objid AND k.conparentid <> 0)
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


-- yesterday._differs_from_parent(deployment, definition, columns): a partition to which something comes back that its parent would
-- give it otherwise: a column with an expression of the partition's own, a NOT NULL with a name of its own.
CREATE FUNCTION yesterday._differs_from_parent(deployment bigint, goal jsonb, columns jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM yesterday.schema_object p
        CROSS JOIN LATERAL jsonb_array_elements(p.definition -> 'columns') a
        JOIN jsonb_array_elements(columns) c ON c #> '{goal,name}' = a -> 'name'
        WHERE p.deployment = $1 AND p.phase = 'before' AND p.kind = 'table' AND p.identity = goal ->> 'partition_of'
          AND (NOT c ? 'now' AND c #> '{goal,expression}' <> a -> 'expression'
               OR NOT coalesce(c -> 'now' ? 'not_null', false) AND c #> '{goal,not_null}' ? 'inherited'
                  AND c #> '{goal,not_null,name}' <> a #> '{not_null,name}'))
$function$;
COMMENT ON FUNCTION yesterday._differs_from_parent(bigint, jsonb, jsonb) IS 'internal: a partition that is otherwise than its parent would make it';
REVOKE ALL ON FUNCTION yesterday._differs_from_parent(bigint, jsonb, jsonb) FROM PUBLIC;

-- yesterday._has_such_parts(deployment, relation): a partitioned table that foreign keys refer to, with such a partition at some depth: it
-- cannot be detached while they do, to be made anew, and so goes with the table itself, which takes the foreign keys away.
CREATE FUNCTION yesterday._has_such_parts(deployment bigint, relation oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = relation)
       AND EXISTS (
        SELECT FROM pg_partition_tree(relation) t
        JOIN yesterday.plan_node p ON p.deployment = $1 AND p.kind = 'table' AND p.classid = 'pg_class'::regclass AND p.objid = t.relid
                                  AND p.action NOT IN ('drop', 'none') AND p.goal_def ? 'partition_of'
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = p.classid AND b.objid = p.bobjid
        JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = p.classid AND a.objid = p.aobjid
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('now', m.now_column, 'goal', m.goal_column))) AS columns
            FROM yesterday._merge_columns(b.definition -> 'columns', a.definition -> 'columns', p.now_def -> 'columns',
                                          p.bobjid = p.aobjid, p.objid = p.aobjid, p.repointed) m) merged
        WHERE t.level > 0 AND yesterday._differs_from_parent($1, p.goal_def, merged.columns))
$function$;
COMMENT ON FUNCTION yesterday._has_such_parts(bigint, oid) IS 'internal: a table referred to, with a partition that is otherwise than it would make it';
REVOKE ALL ON FUNCTION yesterday._has_such_parts(bigint, oid) FROM PUBLIC;


-- yesterday._are_appended(now, goal): parents that come back to a table come behind those that stay: is that their order of before?
CREATE FUNCTION yesterday._are_appended(now_parents jsonb, goal_parents jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT ARRAY(SELECT g.value FROM jsonb_array_elements_text(goal_parents) WITH ORDINALITY AS g ORDER BY now_parents ? g.value IS NOT TRUE, g.ordinality)
           = ARRAY(SELECT g.value FROM jsonb_array_elements_text(goal_parents) WITH ORDINALITY AS g ORDER BY g.ordinality)
           AND ARRAY(SELECT g.value FROM jsonb_array_elements_text(goal_parents) WITH ORDINALITY AS g WHERE now_parents ? g.value ORDER BY g.ordinality)
             = ARRAY(SELECT n.value FROM jsonb_array_elements_text(now_parents) WITH ORDINALITY AS n WHERE goal_parents ? n.value ORDER BY n.ordinality)
$function$;
COMMENT ON FUNCTION yesterday._are_appended(jsonb, jsonb) IS 'internal: parents that come back come last';
REVOKE ALL ON FUNCTION yesterday._are_appended(jsonb, jsonb) FROM PUBLIC;

-- yesterday._plan_heirs(deployment, phase): tables that inherit from one which is made anew for the order of its parents follow it.
CREATE FUNCTION yesterday._plan_heirs(deployment bigint, phase text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE below AS (
        SELECT i.inhrelid FROM yesterday.plan_node p JOIN pg_inherits i ON i.inhparent = p.objid
        WHERE p.deployment = $1 AND p.kind = 'table' AND p.now_def ? 'inherits' AND NOT yesterday._are_appended(p.now_def -> 'inherits', p.goal_def -> 'inherits')
        UNION
        SELECT i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.inhrelid
    )
    INSERT INTO yesterday.plan_node
        (deployment, kind, action, classid, objid, bobjid, aobjid, schema_name, now_name, goal_name, now_identity, goal_identity,
         now_def, goal_def, now_owner, goal_owner)
    SELECT $1, n.kind, 'alter', n.classid, n.objid, b.objid, a.objid, n.schema_name, n.object_name, n.object_name, n.identity, n.identity,
           n.definition, n.definition, n.owner, n.owner
    FROM below
    JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $2 AND n.classid = 'pg_class'::regclass AND n.objid = below.inhrelid
    JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = n.classid AND b.objid = n.objid
    JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = n.classid AND a.objid = n.objid
    WHERE n.kind IN ('table', 'foreign table')
      AND NOT EXISTS (SELECT FROM yesterday.plan_node q WHERE q.deployment = $1 AND q.classid = n.classid AND q.objid = n.objid)
$function$;
COMMENT ON FUNCTION yesterday._plan_heirs(bigint, text) IS 'internal: adds heirs of tables that are made anew for the order of their parents';
REVOKE ALL ON FUNCTION yesterday._plan_heirs(bigint, text) FROM PUBLIC;

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
