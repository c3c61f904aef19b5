-- yesterday._plan_column(deployment, table node, now, goal, number before, anew): adds one column to
-- the plan, with its default and its NOT NULL. anew: the table is made, and the column with it.
CREATE FUNCTION yesterday._plan_column(deployment bigint, table_node integer, now_column jsonb, goal_column jsonb,
                                       before_num integer, anew boolean)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    col jsonb := coalesce(goal_column, now_column);
    inherited boolean := coalesce((col ->> 'inherited')::integer, 0) > 0;
    -- what a child sets for itself
    own_settings boolean := now_column - '{num,comment,acl,default,not_null,statistics,storage,compression,options}'::text[]
                          = goal_column - '{num,comment,acl,default,not_null,statistics,storage,compression,options}'::text[];
    unchanged boolean := NOT EXISTS (
        SELECT FROM (SELECT jsonb_object_keys(now_column) AS k UNION SELECT jsonb_object_keys(goal_column)) u
        WHERE now_column -> k IS DISTINCT FROM goal_column -> k
          AND k NOT IN ('num', 'comment', 'acl', 'default', 'not_null', 'local', 'inherited'));
BEGIN
    INSERT INTO yesterday.plan_node
        (deployment, kind, action, classid, objid, bobjid, aobjid, objsubid, bobjsubid, parent, schema_name,
         now_name, goal_name, now_identity, goal_identity, now_table, goal_table, now_def, goal_def,
         now_owner, goal_owner)
    SELECT $1, k.kind,
           CASE WHEN k.goal_def IS NULL THEN 'drop' WHEN k.now_def IS NULL THEN 'create'
                WHEN k.kind <> 'column' THEN CASE WHEN k.now_def = k.goal_def THEN 'none' ELSE 'alter' END
                WHEN unchanged THEN 'none' ELSE 'alter' END,
           k.classid, CASE WHEN NOT anew THEN t.objid END, t.bobjid, t.aobjid,
           CASE WHEN anew THEN 0 ELSE coalesce((now_column ->> 'num')::integer, 0) END,
           coalesce(before_num, 0),
           t.node, t.schema_name, now_column ->> 'name', goal_column ->> 'name',
           t.goal_identity || '.' || quote_ident(now_column ->> 'name'),
           t.goal_identity || '.' || quote_ident(goal_column ->> 'name'),
           t.now_identity, t.goal_identity, k.now_def, k.goal_def, t.now_owner, t.goal_owner
    FROM yesterday.plan_node t
    CROSS JOIN LATERAL (VALUES
        ('column', 'pg_class'::regclass, now_column, goal_column),
        ('default', 'pg_attrdef'::regclass,
         CASE WHEN now_column ? 'default' AND NOT anew THEN jsonb_build_object('expression', now_column -> 'default') END,
         CASE WHEN goal_column ? 'default' THEN jsonb_build_object('expression', goal_column -> 'default') END),
        ('not null', 'pg_attribute'::regclass,
         CASE WHEN NOT anew THEN now_column -> 'not_null' END, goal_column -> 'not_null')
    ) AS k (kind, classid, now_def, goal_def)
    WHERE t.deployment = $1 AND t.node = table_node
      AND (k.now_def IS NOT NULL OR k.goal_def IS NOT NULL)
      AND NOT (k.kind = 'column' AND anew)
      -- what comes from a parent table follows it
      AND NOT (inherited AND k.kind = 'column' AND col ? 'local' AND own_settings IS NOT TRUE)
      AND NOT (k.kind = 'not null' AND coalesce(k.goal_def, k.now_def) ? 'inherited' AND NOT (anew AND t.goal_def ? 'partition_of'))
      AND NOT (inherited AND col ? 'local' AND NOT anew AND (now_column IS NULL OR goal_column IS NULL))
      -- an identity column is NOT NULL by itself, and so is a partition's column, as it is made
      AND NOT (k.kind = 'not null' AND (now_column IS NULL OR anew) AND goal_column ? 'identity');
END
$function$;
COMMENT ON FUNCTION yesterday._plan_column(bigint, integer, jsonb, jsonb, integer, boolean) IS 'internal: one column of a plan';
REVOKE ALL ON FUNCTION yesterday._plan_column(bigint, integer, jsonb, jsonb, integer, boolean) FROM PUBLIC;

