-- yesterday._plan_goals(deployment, phase): looks up what the objects of the plan are now, decides
-- what they are to become, and how. Called again after renames have changed names and texts.
CREATE FUNCTION yesterday._plan_goals(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    UPDATE yesterday.plan_node p SET
        now_def = n.definition, now_name = n.object_name, now_identity = n.identity, now_owner = n.owner,
        goal_def = CASE WHEN b.objid IS NULL THEN NULL
                        WHEN n.objid IS NULL OR a.objid IS NULL THEN b.definition
                        ELSE yesterday._merge_definitions(b.definition, a.definition, n.definition, CASE WHEN q.repointed THEN q.kind END) END,
        goal_owner = CASE WHEN n.objid IS NULL OR b.owner IS DISTINCT FROM a.owner THEN b.owner ELSE n.owner END,
        goal_name = CASE WHEN b.objid IS NULL THEN NULL WHEN n.objid IS NULL THEN b.object_name ELSE n.object_name END,
        -- a table's membership of a publication is called by both
        goal_identity = CASE WHEN b.objid IS NULL THEN NULL WHEN n.objid IS NULL OR q.repointed AND q.kind = 'publication relation' THEN b.identity
                             ELSE n.identity END,
        schema_name = coalesce(n.schema_name, b.schema_name),
        -- the table that it belongs to keeps its name through the plan
        now_table = nt.identity,
        goal_table = coalesce(nt.identity, bt.identity)
    FROM yesterday.plan_node q
    LEFT JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before'
                                       AND b.classid = q.classid AND b.objid = q.bobjid
    LEFT JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after'
                                       AND a.classid = q.classid AND a.objid = q.aobjid
    LEFT JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $2
                                       AND n.classid = q.classid AND n.objid = q.objid
    LEFT JOIN yesterday.schema_object nt ON nt.deployment = $1 AND nt.phase = $2
                                       AND nt.classid = 'pg_class'::regclass AND nt.objid = n.parent
    LEFT JOIN yesterday.schema_object bt ON bt.deployment = $1 AND bt.phase = 'before'
                                       AND bt.classid = 'pg_class'::regclass AND bt.objid = b.parent
    WHERE p.deployment = $1 AND q.deployment = $1 AND q.node = p.node;

    -- attributes that others have added since stay
    UPDATE yesterday.plan_node p SET goal_def = jsonb_set(p.goal_def, '{attributes}', p.goal_def -> 'attributes' || (
        SELECT coalesce(jsonb_agg(n ORDER BY (n ->> 'num')::integer), '[]') FROM jsonb_array_elements(p.now_def -> 'attributes') n
        WHERE NOT p.goal_def -> 'attributes' @> jsonb_build_array(jsonb_build_object('name', n -> 'name'))
          AND NOT a.definition -> 'attributes' @> jsonb_build_array(jsonb_build_object('name', n -> 'name'))
          AND NOT EXISTS (SELECT FROM jsonb_array_elements(a.definition -> 'attributes') x WHERE n ->> 'name' = yesterday._aside(x ->> 'name'))))
    FROM yesterday.schema_object a
    WHERE p.deployment = $1 AND p.kind = 'composite type' AND p.now_def IS NOT NULL AND p.goal_def IS NOT NULL
      AND a.deployment = $1 AND a.phase = 'after' AND a.classid = p.classid AND a.objid = p.aobjid;

    UPDATE yesterday.plan_node p SET goal_def = yesterday._from_aside($1, p.goal_def)
    WHERE p.deployment = $1 AND EXISTS (SELECT FROM yesterday.plan_aside a WHERE a.deployment = $1);
    -- a type that was put aside has its name of before as its goal, and so have routines that take it
    UPDATE yesterday.plan_node p SET
        goal_identity = CASE WHEN p.goal_identity IS NOT NULL THEN yesterday._from_aside($1, to_jsonb(p.goal_identity)) #>> '{}' END,
        goal_name = CASE WHEN p.kind IN ('enum', 'composite type', 'domain', 'range') THEN b.object_name ELSE p.goal_name END
    FROM yesterday.schema_object b
    WHERE p.deployment = $1 AND b.deployment = $1 AND b.phase = 'before' AND b.classid = p.classid AND b.objid = p.bobjid
      AND EXISTS (SELECT FROM yesterday.plan_aside a WHERE a.deployment = $1);

    -- Somebody else dropped what the deployment had only changed: it stays dropped.
    DELETE FROM yesterday.plan_node p
    WHERE p.deployment = $1 AND p.objid IS NULL AND p.bobjid IS NOT NULL AND p.aobjid IS NOT NULL;

    UPDATE yesterday.plan_node p SET goal_def = p.now_def
    WHERE p.deployment = $1 AND p.goal_def IS NOT NULL AND p.kind NOT IN ('table', 'foreign table')
      AND EXISTS (SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1 AND h.identity = p.goal_identity);

    UPDATE yesterday.plan_node p SET action =
        CASE WHEN p.goal_def IS NULL THEN 'drop'
             WHEN p.now_def IS NULL THEN 'create'
             WHEN EXISTS (SELECT FROM yesterday.plan_aside a WHERE a.deployment = $1 AND a.aside = p.now_identity) THEN 'retype'
             WHEN p.kind IN ('table', 'foreign table') AND p.bobjid IS DISTINCT FROM p.aobjid THEN 'rebuild'
             -- another one of its name, which stands anywhere
             WHEN p.kind = 'sequence' AND p.bobjid IS DISTINCT FROM p.aobjid THEN 'recreate'
             ELSE yesterday._change_action(p.kind, p.now_def, p.goal_def) END
    WHERE p.deployment = $1;

    -- What follows a parent table (constraints and triggers of partitions) has no commands of its own.
    -- A partition that is made anew needs them before it is attached. Indexes, and what they stand for, are
    -- attached one by one; they go with the one of the parent. A foreign key to the parent itself comes with being attached:
    -- before, the rows that it refers to are not in the parent yet.
    UPDATE yesterday.plan_node p SET action = 'create'
    WHERE p.deployment = $1 AND p.kind IN ('index', 'constraint') AND p.action = 'recreate'
      AND p.now_def ? 'attached_to' AND p.goal_def ? 'attached_to';
    UPDATE yesterday.plan_node p SET implied = true
    WHERE p.deployment = $1 AND p.kind IN ('index', 'constraint') AND p.goal_def IS NULL AND p.now_def ? 'attached_to'
      -- a partition that is detached keeps them: they are dropped by name
      AND NOT EXISTS (SELECT FROM yesterday.plan_node t WHERE t.deployment = $1 AND t.kind = 'table' AND t.action = 'alter'
                        AND t.now_identity = p.now_table AND t.now_def ? 'partition_of' AND NOT t.goal_def ? 'partition_of');
    DELETE FROM yesterday.plan_node p
    WHERE p.deployment = $1 AND p.kind IN ('index', 'constraint', 'trigger') AND NOT p.implied
      AND coalesce(p.now_def, p.goal_def) ? 'inherited' AND coalesce(p.goal_def, p.now_def) ? 'inherited'
      -- but whether it fires in a partition is said there
      AND NOT (p.kind = 'trigger' AND p.action = 'alter')
      AND NOT (p.kind <> 'trigger' AND p.now_def IS NULL AND EXISTS (
               SELECT FROM yesterday.plan_node t WHERE t.deployment = $1 AND t.kind = 'table'
                 AND (t.action = 'create' OR p.kind = 'constraint' AND p.goal_def ->> 'type' = 'c' AND t.action <> 'drop')
                 AND t.goal_def ? 'partition_of' AND t.goal_identity = p.goal_table
                 AND NOT (p.goal_def ->> 'type' = 'f' AND EXISTS (
                          WITH RECURSIVE above AS (SELECT t.goal_def ->> 'partition_of' AS name
                                                   UNION SELECT o.goal_def ->> 'partition_of' FROM above a
                                                         JOIN yesterday.plan_node o ON o.deployment = $1 AND o.kind = 'table' AND o.goal_identity = a.name)
                          SELECT FROM above a WHERE a.name = p.goal_def #>> '{refers,table}'))))
      AND NOT coalesce(p.goal_def ? 'attached_to' AND (p.now_def IS NULL OR p.now_def <> p.goal_def), false)
      AND NOT (p.kind IN ('index', 'constraint') AND p.goal_def IS NULL AND EXISTS (
               SELECT FROM yesterday.plan_node t WHERE t.deployment = $1 AND t.kind = 'table' AND t.action = 'alter'
                 AND t.now_identity = p.now_table AND t.now_def ? 'partition_of' AND NOT t.goal_def ? 'partition_of'));
END
$function$;
COMMENT ON FUNCTION yesterday._plan_goals(bigint, text) IS 'internal: what the objects of a plan are and are to become';
REVOKE ALL ON FUNCTION yesterday._plan_goals(bigint, text) FROM PUBLIC;

