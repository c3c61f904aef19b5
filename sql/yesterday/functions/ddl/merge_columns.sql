-- yesterday._merge_columns(before, after, now, same_table, same_now, repointed): which column of a table now is
-- which one of before, and what becomes of it. One row a column, in the order of the goal:
--   now null: it comes back   goal null: it goes   else it is changed from now to goal
-- Columns are paired by number as long as the table is the same object, else by name; by name, too, where the rollback
-- of a later deployment has added the column anew.
--   repointed   types, defaults and the like may name other objects than before (_repointed)
CREATE FUNCTION yesterday._merge_columns(before jsonb, after jsonb, now_columns jsonb,
                                         same_table boolean, same_now boolean, repointed boolean)
RETURNS TABLE (place integer, before_num integer, now_column jsonb, goal_column jsonb)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    b jsonb;
    a jsonb;
    n jsonb;
    -- numbers of now that have found their column of before
    paired integer[] := '{}';
    by_number boolean;
BEGIN
    place := 0;
    FOR b IN SELECT c FROM jsonb_array_elements(before) c LOOP
        a := (SELECT c FROM jsonb_array_elements(after) c
              WHERE CASE WHEN same_table THEN c -> 'num' = b -> 'num' ELSE c -> 'name' = b -> 'name' END);
        by_number := a IS NOT NULL AND same_now AND now_columns @> jsonb_build_array(jsonb_build_object('num', a -> 'num'));
        n := (SELECT c FROM jsonb_array_elements(now_columns) c
              WHERE (c ->> 'num')::integer <> ALL (paired)
                AND CASE WHEN a IS NULL THEN c -> 'name' = b -> 'name'
                              -- nor one of the deployment's own that a later rollback has added anew
                              AND NOT EXISTS (SELECT FROM jsonb_array_elements(after) x
                                              WHERE CASE WHEN same_now AND now_columns @> jsonb_build_array(jsonb_build_object('num', x -> 'num'))
                                                         THEN x -> 'num' = c -> 'num' ELSE x -> 'name' = c -> 'name' END)
                         WHEN by_number THEN c -> 'num' = a -> 'num'
                         ELSE c -> 'name' = a -> 'name' OR c -> 'name' = b -> 'name' END
              LIMIT 1);
        place := place + 1;
        IF n IS NOT NULL THEN
            paired := paired || (n ->> 'num')::integer;
        ELSIF a IS NOT NULL THEN
            CONTINUE;           -- somebody else dropped it since
        END IF;
        before_num := (b ->> 'num')::integer;
        now_column := n;
        goal_column := CASE WHEN n IS NULL THEN b
                            -- most have not changed at all
                            WHEN b = a AND b - 'num' = n - 'num' AND NOT repointed THEN n - 'num'
                            ELSE yesterday._merge_definitions(b - 'num', coalesce(a, b) - 'num', n - 'num',
                                                                  CASE WHEN repointed THEN 'column' END) END;
        -- others can have changed what the deployment left of the sequence of an identity
        IF goal_column ? 'identity' AND n ? 'identity' AND a ? 'identity' THEN
            goal_column := jsonb_set(goal_column, '{identity}',
                                     yesterday._merge_definitions(b -> 'identity', a -> 'identity', n -> 'identity'));
        END IF;
        RETURN NEXT;
    END LOOP;
    FOR n IN SELECT c FROM jsonb_array_elements(now_columns) c WHERE (c ->> 'num')::integer <> ALL (paired) LOOP
        place := place + 1;
        before_num := NULL;
        now_column := n;
        goal_column := n;
        IF EXISTS (SELECT FROM jsonb_array_elements(after) x
                   WHERE CASE WHEN same_now AND now_columns @> jsonb_build_array(jsonb_build_object('num', x -> 'num'))
                              -- its name can have been given back to the column of before
                              THEN x -> 'num' = n -> 'num' ELSE n ->> 'name' IN (x ->> 'name', yesterday._aside(x ->> 'name')) END) THEN
            goal_column := NULL;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._merge_columns(jsonb, jsonb, jsonb, boolean, boolean, boolean) IS 'internal: pairs the columns of a table over time';
REVOKE ALL ON FUNCTION yesterday._merge_columns(jsonb, jsonb, jsonb, boolean, boolean, boolean) FROM PUBLIC;

