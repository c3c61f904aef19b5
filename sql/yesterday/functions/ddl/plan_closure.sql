-- yesterday._plan_closure(deployment, phase): adds to the plan what depends on objects that are
-- dropped or made anew. What does not depend on them in the goal is made again round them; what
-- somebody else built on an object that goes is displaced: it is dropped, its definition kept.
CREATE FUNCTION yesterday._plan_closure(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    added bigint;
    turned bigint;
BEGIN
    LOOP
        -- Members of the plan that stand on something that goes must go first, too.
        UPDATE yesterday.plan_node p SET action = CASE WHEN p.now_def ? 'attached_to' OR yesterday._goes_with_heir($1, p.kind, p.now_table, p.now_def)
                                                       THEN 'create' ELSE 'recreate' END
        FROM yesterday._plan_dependants($1, $2) d
        WHERE p.deployment = $1 AND p.node = d.node AND p.action IN ('none', 'alter')
          -- comes with its table
          AND NOT (p.kind = 'constraint' AND p.goal_def ? 'inherited' AND NOT p.goal_def ? 'attached_to')
          -- a table that is detached keeps its indexes
          AND NOT (p.kind IN ('index', 'constraint') AND p.action = 'none' AND p.now_def ? 'attached_to' AND EXISTS (
                   SELECT FROM yesterday.plan_node t
                   WHERE t.deployment = $1 AND t.kind = 'table' AND t.action = 'alter' AND t.now_identity = p.now_table
                     AND t.now_def ->> 'partition_of' IS DISTINCT FROM t.goal_def ->> 'partition_of'))
          AND p.kind NOT IN ('table', 'foreign table', 'column', 'sequence', 'schema', 'enum', 'composite type',
                             'domain', 'range', 'base type', 'shell type', 'not null', 'extension', 'default privileges');
        GET DIAGNOSTICS turned = ROW_COUNT;

        INSERT INTO yesterday.plan_node
            (deployment, kind, action, reason, classid, objid, objsubid, schema_name, now_name, goal_name,
             now_identity, goal_identity, now_table, goal_table, now_def, goal_def, now_owner, goal_owner, refusal)
        SELECT $1, v.kind,
               CASE WHEN d.goes THEN 'drop' WHEN v.kind = 'table' THEN 'none'
                    -- follows the column of its parent
                    WHEN v.kind = 'column' AND d.retyped AND v.definition -> 'local' = 'false' THEN 'none'
                    WHEN v.kind = 'column' AND d.retyped THEN 'alter'
                    -- goes with the parent's, or with its table
                    WHEN v.definition ? 'attached_to' OR (v.kind = 'constraint' AND v.definition ? 'inherited')
                         OR yesterday._goes_with_heir($1, v.kind, v.table_identity, v.definition) THEN 'create' ELSE 'recreate' END,
               CASE WHEN d.goes THEN 'displaced' ELSE 'around' END,
               d.classid, d.objid, d.objsubid, n.schema_name,
               v.name, CASE WHEN NOT d.goes THEN v.name END,
               v.identity, CASE WHEN NOT d.goes THEN yesterday._from_aside($1, to_jsonb(v.identity)) #>> '{}' END,
               v.table_identity, v.table_identity, v.definition, CASE WHEN NOT d.goes THEN yesterday._from_aside($1, v.definition) END,
               n.owner, n.owner,
               CASE WHEN NOT d.goes AND NOT (v.kind = 'column' AND d.retyped) AND v.kind IN ('column', 'table', 'foreign table', 'sequence', 'enum', 'composite type', 'domain',
                                                   'range', 'extension')
                         -- a partition is detached, and comes to its new parent
                         AND NOT (v.kind IN ('table', 'foreign table') AND EXISTS (
                             SELECT FROM yesterday.plan_node w WHERE w.deployment = $1 AND w.kind = 'table' AND w.action = 'rebuild'
                               AND w.now_identity = n.definition ->> 'partition_of'))
                    THEN format('it depends on %s', d.because) END
        FROM (SELECT x.classid, x.objid, x.objsubid, bool_or(x.goes) AS goes, bool_or(x.retyped) AS retyped, min(x.because) AS because
              FROM yesterday._plan_dependants($1, $2) x WHERE x.node IS NULL
              GROUP BY x.classid, x.objid, x.objsubid) d
        JOIN yesterday.schema_object n
            ON n.deployment = $1 AND n.phase = $2 AND n.objid = d.objid
           AND n.classid = CASE WHEN d.classid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass)
                                THEN 'pg_class'::regclass ELSE d.classid END
        LEFT JOIN yesterday.schema_object t
            ON t.deployment = $1 AND t.phase = $2 AND t.classid = 'pg_class'::regclass AND t.objid = n.parent
        CROSS JOIN LATERAL (
            SELECT (SELECT c FROM jsonb_array_elements(n.definition -> 'columns') c
                    WHERE (c ->> 'num')::integer = d.objsubid AND n.kind IN ('table', 'foreign table')) AS c
        ) col
        CROSS JOIN LATERAL (
            SELECT CASE WHEN d.classid = 'pg_attrdef'::regclass THEN 'default'
                        WHEN d.classid = 'pg_attribute'::regclass THEN 'not null'
                        WHEN col.c IS NOT NULL THEN 'column' ELSE n.kind END AS kind,
                   coalesce(col.c ->> 'name', n.object_name) AS name,
                   n.identity || coalesce('.' || quote_ident(col.c ->> 'name'), '') AS identity,
                   CASE WHEN col.c IS NOT NULL THEN n.identity ELSE t.identity END AS table_identity,
                   CASE WHEN d.classid = 'pg_attrdef'::regclass
                             THEN jsonb_build_object('expression', col.c -> 'default')
                        WHEN d.classid = 'pg_attribute'::regclass THEN col.c -> 'not_null'
                        WHEN col.c IS NOT NULL THEN col.c ELSE n.definition END AS definition
        ) v
        -- follows its parent, or goes with a table that goes
        WHERE NOT (v.kind IN ('index', 'constraint', 'trigger') AND n.definition ? 'inherited'
                   AND (d.goes OR NOT n.definition ? 'attached_to')
                   -- a partition that is made anew needs the checks of its parent to be attached
                   AND NOT (v.kind = 'constraint' AND n.definition ->> 'type' = 'c' AND NOT d.goes AND EXISTS (
                            SELECT FROM yesterday.plan_node w WHERE w.deployment = $1 AND w.kind = 'table' AND w.objid = n.parent
                              AND w.action = 'rebuild' AND w.goal_def ? 'partition_of')))
          -- stays with its column
          AND NOT (v.kind = 'not null' AND NOT d.goes)
          -- goes with the column of the parent table, and only so
          AND NOT (v.kind = 'column' AND d.goes AND v.definition ? 'local' AND (v.definition ->> 'inherited')::integer > 0);
        GET DIAGNOSTICS added = ROW_COUNT;
        EXIT WHEN added = 0 AND turned = 0;
    END LOOP;
    -- when a partition that is made anew is attached, its indexes are found and attached by themselves
    UPDATE yesterday.plan_node p SET goal_def = p.goal_def - 'attached_to'
    WHERE p.deployment = $1 AND p.kind IN ('index', 'constraint') AND p.goal_def ? 'attached_to'
      AND EXISTS (SELECT FROM yesterday.plan_node t WHERE t.deployment = $1 AND t.kind = 'table' AND t.action IN ('create', 'rebuild')
                    AND (t.goal_identity = p.goal_table
                         OR t.action = 'rebuild' AND t.now_identity = (
                             SELECT n.definition ->> 'partition_of' FROM yesterday.schema_object n
                             WHERE n.deployment = $1 AND n.phase = $2 AND n.classid = 'pg_class'::regclass AND n.identity = p.now_table)));
END
$function$;
COMMENT ON FUNCTION yesterday._plan_closure(bigint, text) IS 'internal: adds the dependants of what a plan drops';
REVOKE ALL ON FUNCTION yesterday._plan_closure(bigint, text) FROM PUBLIC;

-- yesterday._plan_dependants(deployment, phase): what depends now on objects that the plan drops or
-- makes anew. node: its place in the plan, null if it has none; goes: what it needs does not come back.
CREATE FUNCTION yesterday._plan_dependants(deployment bigint, phase text)
RETURNS TABLE (classid oid, objid oid, objsubid integer, node integer, goes boolean, retyped boolean, because text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT d.classid, d.objid, d.objsubid, q.node, p.action = 'drop' OR yesterday._loses_column(p, d.refobjsubid) OR yesterday._needs_lost_part(p, d),
           p.action = 'retype' OR p.action = 'rebuild' AND yesterday._has_rows_aside($1, p.now_identity),
           format('%s %s', p.kind, p.now_identity)
    FROM yesterday.plan_node p
    JOIN yesterday.schema_dependency d
        ON d.deployment = $1 AND d.phase = $2 AND d.refclassid = p.classid AND d.refobjid = p.objid
       -- a table stands for its columns, a column for itself
       AND (d.refobjsubid = p.objsubid OR p.objsubid = 0)
    LEFT JOIN yesterday.plan_node q
        ON q.deployment = $1 AND q.classid = d.classid AND q.objid = d.objid AND q.objsubid = d.objsubid
    WHERE p.deployment = $1 AND p.objid IS NOT NULL
      AND (p.action IN ('drop', 'recreate', 'rebuild', 'retype')
           -- goes with the index of its parent table, and comes back by itself
           OR (p.action = 'create' AND p.kind IN ('index', 'constraint') AND p.now_def ? 'attached_to')
           OR (p.kind = 'composite type' AND p.action = 'alter' AND yesterday._needs_lost_part(p, d))
           OR (p.kind = 'column' AND p.action <> 'create' AND p.now_def -> 'type' IS DISTINCT FROM p.goal_def -> 'type'))
      -- a sequence does not mind what becomes of the column that owns it, unless that goes
      AND NOT (p.action <> 'drop' AND q.node IS NULL
               AND EXISTS (SELECT FROM yesterday.schema_object s
                           WHERE s.deployment = $1 AND s.phase = $2 AND s.classid = d.classid
                             AND s.objid = d.objid AND s.kind = 'sequence'))
      -- parts of a table that goes as a whole need no place of their own
      AND NOT (d.objsubid > 0 AND EXISTS (
               SELECT FROM yesterday.plan_node t
               WHERE t.deployment = $1 AND t.classid = 'pg_class'::regclass AND t.objid = d.objid
                 AND t.objsubid = 0 AND t.action IN ('drop', 'rebuild', 'recreate')))
      AND NOT (d.classid IN ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_attribute'::regclass)
               AND d.objid = p.objid AND d.refclassid = 'pg_class'::regclass AND p.kind <> 'column')
    UNION ALL
    -- and on what partitions and heirs have of a column
    SELECT d.classid, d.objid, d.objsubid, q.node, p.action = 'drop', false, format('%s %s', p.kind, p.now_identity)
    FROM yesterday._columns_below($1) c
    JOIN yesterday.plan_node p ON p.deployment = $1 AND p.node = c.node
    JOIN yesterday.schema_dependency d ON d.deployment = $1 AND d.phase = $2 AND d.refclassid = 'pg_class'::regclass
                                      AND d.refobjid = c.relid AND d.refobjsubid = c.attnum
    LEFT JOIN yesterday.plan_node q
        ON q.deployment = $1 AND q.classid = d.classid AND q.objid = d.objid AND q.objsubid = d.objsubid
    -- its own parts follow it
    WHERE NOT (d.classid IN ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_attribute'::regclass) AND d.objid = c.relid)
      AND NOT EXISTS (SELECT FROM yesterday.plan_node t
                      WHERE t.deployment = $1 AND t.classid = 'pg_class'::regclass AND t.objid = d.objid
                        AND t.objsubid = 0 AND d.objsubid > 0 AND t.action IN ('drop', 'rebuild', 'recreate'))
$function$;
COMMENT ON FUNCTION yesterday._plan_dependants(bigint, text) IS 'internal: dependants of what a plan drops';
REVOKE ALL ON FUNCTION yesterday._plan_dependants(bigint, text) FROM PUBLIC;

-- yesterday._loses_column(node, num): whether a relation is made anew without the column that has this number now.
CREATE FUNCTION yesterday._loses_column(node yesterday.plan_node, num integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT num > 0 AND node.objsubid = 0 AND node.action IN ('rebuild', 'recreate') AND node.goal_def ? 'columns'
       AND EXISTS (SELECT FROM jsonb_array_elements(node.now_def -> 'columns') c
                   WHERE (c ->> 'num')::integer = num
                     AND NOT CASE WHEN node.columns IS NULL
                                  THEN EXISTS (SELECT FROM jsonb_array_elements(node.goal_def -> 'columns') g WHERE g -> 'name' = c -> 'name')
                                  ELSE EXISTS (SELECT FROM jsonb_array_elements(node.columns) m
                                               WHERE m ? 'goal' AND (m #>> '{now,num}')::integer = num) END)
$function$;
COMMENT ON FUNCTION yesterday._loses_column(yesterday.plan_node, integer) IS 'internal: a column that a relation is made anew without';
REVOKE ALL ON FUNCTION yesterday._loses_column(yesterday.plan_node, integer) FROM PUBLIC;

-- yesterday._needs_lost_part(node, dependency): whether something needs a column of a view, or an attribute of a composite type, that
-- the plan takes from it. Images note of these that something needs them, and not which part: that the server knows.
CREATE FUNCTION yesterday._needs_lost_part(node yesterday.plan_node, needs yesterday.schema_dependency) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT node.objsubid = 0 AND node.now_def IS NOT NULL AND node.goal_def IS NOT NULL
       AND (node.kind IN ('view', 'materialized view') AND node.action = 'recreate'
            OR node.kind = 'composite type' AND node.action IN ('alter', 'retype', 'recreate'))
       AND EXISTS (
        SELECT FROM pg_attribute a
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
        LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid AND w.rulename = '_RETURN'
        LEFT JOIN pg_attrdef e ON d.classid = 'pg_attrdef'::regclass AND e.oid = d.objid
        WHERE a.attrelid = CASE WHEN node.kind = 'composite type' THEN (SELECT t.typrelid FROM pg_type t WHERE t.oid = node.objid) ELSE node.objid END
          AND a.attnum > 0 AND NOT a.attisdropped
          AND NOT EXISTS (SELECT FROM jsonb_array_elements(coalesce(node.goal_def -> 'columns', node.goal_def -> 'attributes')) g
                          WHERE g ->> 'name' = a.attname)
          AND CASE WHEN w.oid IS NOT NULL THEN needs.classid = 'pg_class'::regclass AND needs.objid = w.ev_class
                   WHEN e.oid IS NOT NULL THEN needs.objid = e.adrelid AND needs.objsubid = e.adnum
                   ELSE needs.classid = d.classid AND needs.objid = d.objid END)
$function$;
COMMENT ON FUNCTION yesterday._needs_lost_part(yesterday.plan_node, yesterday.schema_dependency) IS
    'internal: something needs a part that a view or a type is made anew without';
REVOKE ALL ON FUNCTION yesterday._needs_lost_part(yesterday.plan_node, yesterday.schema_dependency) FROM PUBLIC;

-- yesterday._goes_with_heir(deployment, kind, table, definition): a constraint of a table's own that its parent has, too. It cannot
-- be dropped by itself; where its table is made anew it goes with the old one.
CREATE FUNCTION yesterday._goes_with_heir(deployment bigint, kind text, table_identity text, def jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT kind = 'constraint' AND def ? 'parents' AND EXISTS (
        SELECT FROM yesterday.plan_node t WHERE t.deployment = $1 AND t.kind = 'table' AND t.action = 'rebuild' AND t.now_identity = $3)
$function$;
COMMENT ON FUNCTION yesterday._goes_with_heir(bigint, text, text, jsonb) IS 'internal: a constraint of a table that its parent has, too';
REVOKE ALL ON FUNCTION yesterday._goes_with_heir(bigint, text, text, jsonb) FROM PUBLIC;

-- yesterday._columns_below(deployment): for columns of the plan that go or get another type: what partitions and heirs have from them, which
-- has no place in the plan of its own.
CREATE FUNCTION yesterday._columns_below(deployment bigint) RETURNS TABLE (node integer, relid oid, attnum smallint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE below AS (
        SELECT p.node, p.objid AS relid, p.now_name, p.action = 'drop' AS goes
        FROM yesterday.plan_node p
        WHERE p.deployment = $1 AND p.kind = 'column' AND p.objid IS NOT NULL AND p.action <> 'create'
          AND (p.action = 'drop' OR p.now_def -> 'type' IS DISTINCT FROM p.goal_def -> 'type')
        UNION
        SELECT b.node, i.inhrelid, b.now_name, b.goes FROM below b JOIN pg_inherits i ON i.inhparent = b.relid
    )
    SELECT b.node, b.relid, a.attnum
    FROM below b
    JOIN pg_attribute a ON a.attrelid = b.relid AND a.attname = b.now_name AND NOT a.attisdropped
    -- what is the child's own, or another parent's, too, stays
    WHERE a.attinhcount > 0 AND NOT (b.goes AND (a.attislocal OR a.attinhcount > 1))
$function$;
COMMENT ON FUNCTION yesterday._columns_below(bigint) IS 'internal: columns of children that follow those of a plan';
REVOKE ALL ON FUNCTION yesterday._columns_below(bigint) FROM PUBLIC;
