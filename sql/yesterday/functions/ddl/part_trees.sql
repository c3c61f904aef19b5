-- yesterday._detach_commands(deployment, node, phase): a table that is made anew is taken from its partitions first: its
-- old self would take them with it when it goes. So it is from tables that inherit from it, which are made anew as well.
CREATE FUNCTION yesterday._detach_commands(deployment bigint, node integer, phase text) RETURNS TABLE (command text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN p.now_def ? 'partitioned' THEN format('ALTER TABLE %s DETACH PARTITION %s', p.now_identity, l.identity)
                ELSE format('ALTER TABLE %s NO INHERIT %s', l.identity, p.now_identity) END
    FROM yesterday.plan_node p CROSS JOIN LATERAL yesterday._partitions_left($1, p.node, $3) l
    WHERE p.deployment = $1 AND p.node = $2
    ORDER BY l.identity
$function$;
COMMENT ON FUNCTION yesterday._detach_commands(bigint, integer, text) IS 'internal: takes a table that is made anew from its partitions';
REVOKE ALL ON FUNCTION yesterday._detach_commands(bigint, integer, text) FROM PUBLIC;

-- yesterday._partitions_left(deployment, node, phase): partitions that a table which is made anew has now and in the goal.
--   anew    the partition is made anew itself, and attaches itself
--   since   others made it since: it has the columns that the parent has now
CREATE FUNCTION yesterday._partitions_left(deployment bigint, node integer, phase text)
RETURNS TABLE (identity text, owner name, definition jsonb, anew boolean, since boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT n.identity, n.owner, n.definition, coalesce(q.action = 'rebuild', false), b.objid IS NULL AND coalesce(q.action = 'none', true)
    FROM yesterday.plan_node p
    JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $3 AND (n.definition ->> 'partition_of' = p.now_identity OR n.definition -> 'inherits' ? p.now_identity)
    LEFT JOIN yesterday.plan_node q ON q.deployment = $1 AND q.kind IN ('table', 'foreign table') AND q.objid = n.objid
    LEFT JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = n.classid AND b.objid = n.objid
    WHERE p.deployment = $1 AND p.node = $2
      AND (q.node IS NULL OR q.action NOT IN ('drop', 'recreate') AND q.goal_def -> 'partition_of' = q.now_def -> 'partition_of'
           OR q.action = 'rebuild' AND n.definition -> 'inherits' ? p.now_identity)
$function$;
COMMENT ON FUNCTION yesterday._partitions_left(bigint, integer, text) IS 'internal: partitions of a table that is made anew';
REVOKE ALL ON FUNCTION yesterday._partitions_left(bigint, integer, text) FROM PUBLIC;

-- yesterday._attach_commands(deployment, node, phase, owner): partitions that are not made anew themselves come to the new
-- table, each with the columns that it is to have.
CREATE FUNCTION yesterday._attach_commands(deployment bigint, node integer, phase text, owner name)
RETURNS TABLE (stage text, run_as name, command text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT 'structure', l.owner, c.command
    FROM yesterday.plan_node p
    CROSS JOIN LATERAL yesterday._partitions_left($1, p.node, $3) l
    CROSS JOIN LATERAL yesterday._follow_commands(l.identity, p.columns) c
    WHERE p.deployment = $1 AND p.node = $2 AND p.goal_def ? 'partitioned' AND l.since
    UNION ALL
    SELECT 'constraint', $4, format('ALTER TABLE %s ATTACH PARTITION %s %s', p.goal_identity, l.identity, l.definition ->> 'bound')
    FROM yesterday.plan_node p CROSS JOIN LATERAL yesterday._partitions_left($1, p.node, $3) l
    WHERE p.deployment = $1 AND p.node = $2 AND p.goal_def ? 'partitioned' AND NOT l.anew
$function$;
COMMENT ON FUNCTION yesterday._attach_commands(bigint, integer, text, name) IS 'internal: attaches partitions to a table made anew';
REVOKE ALL ON FUNCTION yesterday._attach_commands(bigint, integer, text, name) FROM PUBLIC;

-- yesterday._follow_commands(identity, columns): a partition that others made since follows its parent: columns that the parent
-- loses, gets back, or gets with another type.
CREATE FUNCTION yesterday._follow_commands(identity text, columns jsonb) RETURNS TABLE (command text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN NOT c ? 'goal' THEN format('ALTER TABLE %s DROP COLUMN %I CASCADE', identity, c #>> '{now,name}')
                WHEN NOT c ? 'now' THEN concat_ws(' ', format('ALTER TABLE %s ADD COLUMN %I %s', identity, c #>> '{goal,name}', c #>> '{goal,type}'),
                    'COLLATE ' || (c #>> '{goal,collation}'),
                    CASE WHEN c -> 'goal' ? 'expression' THEN format('GENERATED ALWAYS AS (%s) STORED', c #>> '{goal,expression}')
                         WHEN c -> 'goal' ? 'default' THEN 'DEFAULT ' || (c #>> '{goal,default}') END,
                    CASE WHEN c -> 'goal' ? 'not_null' THEN 'NOT NULL' END)
                ELSE format('ALTER TABLE %s ALTER COLUMN %I TYPE %s USING %s', identity, c #>> '{now,name}', c #>> '{goal,type}',
                            yesterday._exact_cast(quote_ident(c #>> '{now,name}'), c #>> '{now,type}', c #>> '{goal,type}')) END
    FROM jsonb_array_elements(columns) WITH ORDINALITY AS v (c, o)
    WHERE NOT c ? 'goal' OR NOT c ? 'now' OR c #> '{now,type}' <> c #> '{goal,type}'
    ORDER BY o
$function$;
COMMENT ON FUNCTION yesterday._follow_commands(text, jsonb) IS 'internal: columns of a newer partition after those of its parent';
REVOKE ALL ON FUNCTION yesterday._follow_commands(text, jsonb) FROM PUBLIC;

-- yesterday._clone_commands(deployment): triggers that partitions have from their parent, and that fire otherwise there than in the
-- parent: where the plan makes one of the tables above anew, attaches the partition or says how the parent's fires, that is lost.
CREATE FUNCTION yesterday._clone_commands(deployment bigint) RETURNS TABLE (owner name, command text, identity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE clone AS MATERIALIZED (
        SELECT b.object_name AS name, b.identity, b.definition ->> 'enabled' AS enabled, t.identity AS tab, t.owner,
               t.definition ->> 'partition_of' AS above
        FROM yesterday.schema_object b
        JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'before' AND t.classid = 'pg_class'::regclass AND t.objid = b.parent
        WHERE b.deployment = $1 AND b.phase = 'before' AND b.kind = 'trigger' AND b.definition ? 'inherited'
    ), own AS MATERIALIZED (
        SELECT c.* FROM clone c
        JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'before' AND t.classid = 'pg_class'::regclass AND t.identity = c.above
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.kind = 'trigger' AND b.parent = t.objid AND b.object_name = c.name
        WHERE b.definition ->> 'enabled' <> c.enabled
    ), line AS (
        SELECT c.identity, c.tab AS of FROM own c
        UNION
        SELECT l.identity, t.definition ->> 'partition_of'
        FROM line l JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = 'before' AND t.classid = 'pg_class'::regclass AND t.identity = l.of
        WHERE t.definition ? 'partition_of'
    )
    SELECT c.owner, yesterday._enable_command('TRIGGER', c.name, c.tab, c.enabled), c.identity
    FROM own c
    WHERE EXISTS (SELECT FROM line l
                  JOIN yesterday.plan_node p ON p.deployment = $1 AND p.action NOT IN ('none', 'drop')
                       AND (p.kind = 'table' AND p.goal_identity = l.of OR p.kind = 'trigger' AND p.goal_table = l.of)
                  WHERE l.identity = c.identity)
    ORDER BY c.identity
$function$;
COMMENT ON FUNCTION yesterday._clone_commands(bigint) IS 'internal: how triggers of partitions fire';
REVOKE ALL ON FUNCTION yesterday._clone_commands(bigint) FROM PUBLIC;
