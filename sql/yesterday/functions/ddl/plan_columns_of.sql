-- yesterday._plan_columns_of(deployment, table node, columns, anew): adds the columns of one table to the plan, each with its default
-- and its NOT NULL. columns: [{now, goal, num}, ...], num: the number of before. anew: the table is made, and its columns with it.
CREATE FUNCTION yesterday._plan_columns_of(deployment bigint, table_node integer, columns jsonb, anew boolean)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    INSERT INTO yesterday.plan_node
        (deployment, kind, action, classid, objid, bobjid, aobjid, objsubid, bobjsubid, parent, schema_name,
         now_name, goal_name, now_identity, goal_identity, now_table, goal_table, now_def, goal_def,
         now_owner, goal_owner)
    SELECT $1, k.kind,
           CASE WHEN k.goal_def IS NULL THEN 'drop' WHEN k.now_def IS NULL THEN 'create'
                WHEN k.now_def = k.goal_def THEN 'none'
                -- the table has the rest of what its columns are
                WHEN k.kind = 'column' AND NOT EXISTS (
                    SELECT FROM (SELECT jsonb_object_keys(k.now_def) AS k UNION SELECT jsonb_object_keys(k.goal_def)) u (key)
                    WHERE k.now_def -> u.key IS DISTINCT FROM k.goal_def -> u.key
                      AND u.key NOT IN ('num', 'comment', 'acl', 'default', 'not_null', 'local', 'inherited')) THEN 'none'
                ELSE 'alter' END,
           k.classid, CASE WHEN NOT anew THEN t.objid END, t.bobjid, t.aobjid,
           CASE WHEN anew THEN 0 ELSE coalesce((c.now_column ->> 'num')::integer, 0) END,
           coalesce((c.item ->> 'num')::integer, 0),
           t.node, t.schema_name, c.now_column ->> 'name', c.goal_column ->> 'name',
           t.goal_identity || '.' || quote_ident(c.now_column ->> 'name'),
           t.goal_identity || '.' || quote_ident(c.goal_column ->> 'name'),
           t.now_identity, t.goal_identity, k.now_def, k.goal_def, t.now_owner, t.goal_owner
    FROM yesterday.plan_node t
    CROSS JOIN LATERAL (
        SELECT i.place, i.item, i.item -> 'now' AS now_column, i.item -> 'goal' AS goal_column,
               coalesce(i.item -> 'goal', i.item -> 'now') AS col
        FROM jsonb_array_elements($3) WITH ORDINALITY i (item, place)
    ) c
    CROSS JOIN LATERAL (SELECT coalesce((c.col ->> 'inherited')::integer, 0) > 0 AS inherited) i
    CROSS JOIN LATERAL (VALUES
        (1, 'column', 'pg_class'::regclass, c.now_column, c.goal_column),
        (2, 'default', 'pg_attrdef'::regclass,
         CASE WHEN c.now_column ? 'default' AND NOT anew THEN jsonb_build_object('expression', c.now_column -> 'default') END,
         CASE WHEN c.goal_column ? 'default' THEN jsonb_build_object('expression', c.goal_column -> 'default') END),
        (3, 'not null', 'pg_attribute'::regclass,
         CASE WHEN NOT anew THEN c.now_column -> 'not_null' END, c.goal_column -> 'not_null')
    ) AS k (part, kind, classid, now_def, goal_def)
    WHERE t.deployment = $1 AND t.node = table_node
      AND (k.now_def IS NOT NULL OR k.goal_def IS NOT NULL)
      AND NOT (k.kind = 'column' AND anew)
      -- what comes from a parent table follows it, but for what a child sets for itself
      AND NOT (i.inherited AND k.kind = 'column' AND c.col ? 'local'
               AND (c.now_column - '{num,comment,acl,default,not_null,statistics,storage,compression,options}'::text[]
                    = c.goal_column - '{num,comment,acl,default,not_null,statistics,storage,compression,options}'::text[]) IS NOT TRUE)
      AND NOT (k.kind = 'not null' AND coalesce(k.goal_def, k.now_def) ? 'inherited' AND NOT (anew AND t.goal_def ? 'partition_of'))
      AND NOT (i.inherited AND c.col ? 'local' AND NOT anew AND (c.now_column IS NULL OR c.goal_column IS NULL))
      -- an identity column is NOT NULL by itself, and so is a partition's column, as it is made
      AND NOT (k.kind = 'not null' AND (c.now_column IS NULL OR anew) AND c.goal_column ? 'identity')
    -- nodes are numbered in this order, and columns come back in it
    ORDER BY c.place, k.part;
END
$function$;
COMMENT ON FUNCTION yesterday._plan_columns_of(bigint, integer, jsonb, boolean) IS 'internal: the columns of one table of a plan';
REVOKE ALL ON FUNCTION yesterday._plan_columns_of(bigint, integer, jsonb, boolean) FROM PUBLIC;
