-- yesterday._plan_order(deployment, phase): puts the actions of the plan in order: drops of what needs something
-- before the drop of what it needs, creations the other way round, and what is put back after the
-- rows behind everything else. Rounds of actions that wait for nothing; where objects need each other in
-- a circle the first in the round's order goes ahead, and its command has to be one that can.
CREATE FUNCTION yesterday._plan_order(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    this_round integer := 0;
    moved bigint;
BEGIN
    DELETE FROM yesterday.plan_action a WHERE a.deployment = $1;
    DELETE FROM yesterday.plan_order o WHERE o.deployment = $1;

    INSERT INTO yesterday.plan_action (deployment, action, phase)
    SELECT $1, p.node * 2, 0 FROM yesterday.plan_node p
    WHERE p.deployment = $1 AND NOT p.implied
      AND (p.action IN ('drop', 'recreate', 'retype')
           -- partitions are detached
           OR p.kind = 'table' AND p.action = 'rebuild' AND (yesterday._has_parts($1, p.node) OR yesterday._has_rows_aside($1, p.now_identity)))
    UNION ALL
    SELECT $1, p.node * 2 + 1,
           CASE WHEN p.kind IN ('index', 'constraint') AND p.reason = 'around' THEN 0
                WHEN p.kind IN ('index', 'constraint', 'trigger', 'rule', 'policy', 'statistics', 'not null',
                                'materialized view') THEN 1
                ELSE 0 END
    FROM yesterday.plan_node p
    WHERE p.deployment = $1 AND p.action IN ('create', 'recreate', 'rebuild', 'retype', 'alter', 'none');

    INSERT INTO yesterday.plan_order (deployment, action, after)
    WITH RECURSIVE partition AS MATERIALIZED (
        SELECT o.identity, o.definition ->> 'partition_of' AS parent FROM yesterday.schema_object o
        WHERE o.deployment = $1 AND o.phase = 'before' AND o.kind IN ('table', 'foreign table') AND o.definition ? 'partition_of'
          AND EXISTS (SELECT FROM yesterday.plan_node f WHERE f.deployment = $1 AND f.kind = 'constraint' AND f.goal_def ->> 'type' = 'f')
    ), below AS (
        -- partitions, and all that they are partitions of
        SELECT p.identity, p.parent AS root FROM partition p
        UNION
        SELECT b.identity, p.parent FROM below b JOIN partition p ON p.identity = b.root
    ), bond AS MATERIALIZED (
        -- of all dependencies of the database, those between objects that have a place in the plan
        SELECT d.* FROM yesterday.schema_dependency d
        WHERE d.deployment = $1 AND d.phase = $2
          AND d.objid IN (SELECT p.objid FROM yesterday.plan_node p WHERE p.deployment = $1)
          AND d.refobjid IN (SELECT p.objid FROM yesterday.plan_node p WHERE p.deployment = $1)
    ), bond_before AS MATERIALIZED (
        SELECT d.* FROM yesterday.schema_dependency d
        WHERE d.deployment = $1 AND d.phase = 'before'
          AND d.objid IN (SELECT p.bobjid FROM yesterday.plan_node p WHERE p.deployment = $1)
          AND d.refobjid IN (SELECT p.bobjid FROM yesterday.plan_node p WHERE p.deployment = $1)
    ), need AS (
        -- who needs whom, now and in the goal; a column without a place stands for its table
        SELECT DISTINCT 'now' AS side, x.node AS needs, y.node AS needed
        FROM bond d
        JOIN LATERAL (SELECT p.node FROM yesterday.plan_node p
                      WHERE p.deployment = $1 AND p.objid = d.objid
                        AND ((p.classid = d.classid AND p.objsubid IN (d.objsubid, 0))
                             OR (d.classid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass)
                                 AND p.classid = 'pg_class'::regclass AND p.objsubid IN (d.objsubid, 0)))
                      ORDER BY p.classid = d.classid DESC, p.objsubid = d.objsubid DESC LIMIT 1) x ON true
        JOIN LATERAL (SELECT p.node FROM yesterday.plan_node p
                      WHERE p.deployment = $1 AND p.objid = d.refobjid AND p.classid = d.refclassid
                        AND p.objsubid IN (d.refobjsubid, 0)
                      ORDER BY p.objsubid = d.refobjsubid DESC LIMIT 1) y ON true
        UNION
        SELECT DISTINCT 'goal', x.node, y.node
        FROM bond_before d
        JOIN LATERAL (SELECT p.node FROM yesterday.plan_node p
                      WHERE p.deployment = $1 AND p.bobjid = d.objid
                        AND ((p.classid = d.classid AND p.bobjsubid IN (d.objsubid, 0))
                             OR (d.classid IN ('pg_attrdef'::regclass, 'pg_attribute'::regclass)
                                 AND p.classid = 'pg_class'::regclass AND p.bobjsubid IN (d.objsubid, 0)))
                      ORDER BY p.classid = d.classid DESC, p.bobjsubid = d.objsubid DESC LIMIT 1) x ON true
        JOIN LATERAL (SELECT p.node FROM yesterday.plan_node p
                      WHERE p.deployment = $1 AND p.bobjid = d.refobjid AND p.classid = d.refclassid
                        AND p.bobjsubid IN (d.refobjsubid, 0)
                      ORDER BY p.bobjsubid = d.refobjsubid DESC LIMIT 1) y ON true
        UNION
        -- what is made again round something else is in the image of before by its name: it is needed there, too
        SELECT DISTINCT 'goal', x.node, y.node
        FROM yesterday.plan_node y
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.kind = y.kind AND b.identity = y.goal_identity
        JOIN yesterday.schema_dependency d ON d.deployment = $1 AND d.phase = 'before' AND d.refclassid = b.classid AND d.refobjid = b.objid
        JOIN yesterday.plan_node x ON x.deployment = $1 AND x.classid = d.classid AND x.bobjid = d.objid AND x.bobjsubid = d.objsubid
        WHERE y.deployment = $1 AND y.reason = 'around' AND y.bobjid IS NULL
        UNION
        -- who needs what a partition or heir has of a column needs that column, which has the command; and so has what comes back
        -- over the child
        SELECT DISTINCT s.side, x.node, c.node
        FROM yesterday._columns_below($1) c
        CROSS JOIN (VALUES ('now'), ('goal')) AS s (side)
        JOIN yesterday.plan_node x ON x.deployment = $1 AND x.kind IN ('view', 'materialized view', 'function', 'procedure', 'rule', 'policy', 'trigger',
                                                                       'index', 'constraint', 'statistics', 'publication relation')
        WHERE EXISTS (SELECT FROM yesterday.schema_dependency d
                      WHERE s.side = 'now' AND d.deployment = $1 AND d.phase = $2 AND d.refclassid = 'pg_class'::regclass
                        AND d.refobjid = c.relid AND d.refobjsubid = c.attnum AND d.classid = x.classid AND d.objid = x.objid)
           OR EXISTS (SELECT FROM yesterday.schema_dependency d
                      WHERE s.side = 'goal' AND x.kind IN ('view', 'materialized view', 'function', 'procedure')
                        AND d.deployment = $1 AND d.phase = 'before' AND d.refclassid = 'pg_class'::regclass
                        AND d.refobjid = c.relid AND d.classid = x.classid AND d.objid = x.bobjid)
        UNION
        -- a primary key needs its NOT NULLs
        SELECT s.side, k.node, c.node
        FROM yesterday.plan_node k
        JOIN yesterday.plan_node c ON c.deployment = $1 AND c.kind = 'not null' AND c.goal_table = k.goal_table
        CROSS JOIN (VALUES ('now'), ('goal')) AS s (side)
        WHERE k.deployment = $1 AND k.kind = 'constraint' AND coalesce(k.now_def, k.goal_def) ->> 'type' = 'p'
        UNION
        -- a schema is needed by what is in it
        SELECT s.side, o.node, c.node
        FROM yesterday.plan_node c
        JOIN yesterday.plan_node o ON o.deployment = $1 AND o.node <> c.node AND o.schema_name = c.schema_name
        CROSS JOIN (VALUES ('now'), ('goal')) AS s (side)
        WHERE c.deployment = $1 AND c.kind = 'schema' AND o.kind <> 'schema'
    ), merged AS (
        -- what goes with its table needs, and is needed, as the table
        SELECT DISTINCT n.side, coalesce(x.parent, n.needs) AS needs, coalesce(y.parent, n.needed) AS needed
        FROM need n
        LEFT JOIN yesterday.plan_node x ON x.deployment = $1 AND x.node = n.needs AND x.implied
        LEFT JOIN yesterday.plan_node y ON y.deployment = $1 AND y.node = n.needed AND y.implied
    ), wanted AS (
        SELECT n.needed * 2 AS action, n.needs * 2 AS after FROM merged n WHERE n.side = 'now'
        UNION SELECT n.needed * 2 + 1, n.needs * 2 FROM merged n
              -- a type that was put aside goes last, and so does a table whose row type it is
              JOIN yesterday.plan_node p ON p.deployment = $1 AND p.node = n.needs AND p.action <> 'retype'
                                        AND NOT (p.kind = 'table' AND yesterday._has_rows_aside($1, p.now_identity))
              WHERE n.side = 'now'
        UNION SELECT n.needed * 2, n.needs * 2 + 1 FROM merged n
              JOIN yesterday.plan_node p ON p.deployment = $1 AND p.node = n.needs AND p.action IN ('alter', 'none', 'rebuild')
              JOIN yesterday.plan_node q ON q.deployment = $1 AND q.node = n.needed
              -- partitions of a table that is made anew are detached first, also where a table needs itself
              WHERE n.side = 'now' AND n.needs <> n.needed AND NOT (q.action = 'rebuild' AND p.kind = 'table'
                                            AND coalesce(p.goal_def -> 'partition_of' = p.now_def -> 'partition_of'
                                                         OR p.action = 'rebuild' AND p.now_def -> 'inherits' ? q.now_identity, false))
        UNION SELECT p.node * 2 + 1, q.node * 2
              FROM yesterday.plan_node q
              JOIN yesterday.plan_node p ON p.deployment = $1 AND p.kind = 'table' AND p.action IN ('alter', 'none', 'rebuild')
                                        AND (p.now_def ->> 'partition_of' = q.now_identity AND p.goal_def -> 'partition_of' = p.now_def -> 'partition_of'
                                             OR p.now_def -> 'inherits' ? q.now_identity)
              WHERE q.deployment = $1 AND q.kind = 'table' AND q.action = 'rebuild'
        UNION SELECT q.node * 2 + 1, q.node * 2
              FROM yesterday.plan_node q
              WHERE q.deployment = $1 AND q.kind = 'table' AND q.action = 'rebuild' AND NOT yesterday._has_rows_aside($1, q.now_identity)
        UNION
        -- but one whose rows stand in columns of others goes when those have gone over to the new one
        SELECT q.node * 2, q.node * 2 + 1
              FROM yesterday.plan_node q
              WHERE q.deployment = $1 AND q.kind = 'table' AND q.action = 'rebuild' AND yesterday._has_rows_aside($1, q.now_identity)
        UNION SELECT n.needs * 2 + 1, n.needed * 2 + 1 FROM merged n WHERE n.side = 'goal'
        UNION
        -- what did not come from before is made again after what it needs now
        SELECT n.needs * 2 + 1, n.needed * 2 + 1 FROM merged n
        JOIN yesterday.plan_node p ON p.deployment = $1 AND p.node = n.needs AND p.bobjid IS NULL
        WHERE n.side = 'now'
        UNION SELECT p.node * 2 + 1, p.node * 2 FROM yesterday.plan_node p
              WHERE p.deployment = $1 AND p.action = 'recreate'
        UNION SELECT p.node * 2, p.node * 2 + 1 FROM yesterday.plan_node p
              WHERE p.deployment = $1 AND p.action = 'retype'
        UNION
        -- an identity goes before the NOT NULL that it needs
        SELECT n.node * 2, c.node * 2 + 1
        FROM yesterday.plan_node n
        JOIN yesterday.plan_node c ON c.deployment = $1 AND c.kind = 'column' AND c.parent = n.parent AND c.now_name = n.now_name
        WHERE n.deployment = $1 AND n.kind = 'not null' AND c.now_def ? 'identity' AND NOT c.goal_def ? 'identity'
        UNION
        -- what is set on a column of a parent reaches its children: theirs comes later. One that both have goes there first
        SELECT c.node * 2 + CASE c.action WHEN 'drop' THEN 0 ELSE 1 END, q.node * 2 + CASE c.action WHEN 'drop' THEN 0 ELSE 1 END
        FROM yesterday.plan_node c
        JOIN yesterday.plan_node t ON t.deployment = $1 AND t.node = c.parent
        JOIN yesterday.plan_node q ON q.deployment = $1 AND q.kind = 'column' AND q.now_name = c.now_name AND q.node <> c.node
             AND (t.goal_def ->> 'partition_of' = q.goal_table OR t.goal_def -> 'inherits' ? q.goal_table)
             AND (q.action = 'drop') = (c.action = 'drop')
        WHERE c.deployment = $1 AND c.kind = 'column' AND c.action IN ('alter', 'none', 'drop')
        UNION
        -- an heir that is made anew finds the columns of its parents, and without what goes; checks that come back reach it
        SELECT c.after, c.before
        FROM yesterday.plan_node t
        CROSS JOIN LATERAL yesterday._parents_of($1, t.goal_def) p
        JOIN yesterday.plan_node k ON k.deployment = $1 AND coalesce(k.goal_table, k.now_table) = p.identity
        CROSS JOIN LATERAL (
            SELECT t.node * 2 + 1 AS after, k.node * 2 + CASE k.action WHEN 'drop' THEN 0 ELSE 1 END AS before
            WHERE k.kind = 'column' OR k.kind IN ('constraint', 'not null') AND k.action = 'drop'
            UNION ALL
            SELECT k.node * 2 + 1, t.node * 2 + 1
            WHERE k.kind = 'constraint' AND k.goal_def ->> 'type' = 'c' AND k.action IN ('create', 'recreate')
        ) c
        WHERE t.deployment = $1 AND t.kind IN ('table', 'foreign table') AND t.action IN ('create', 'rebuild', 'recreate')
          AND t.goal_def ? 'inherits'
        UNION
        -- a check that a parent has, too, can only go after that
        SELECT k.node * 2, q.node * 2
        FROM yesterday.plan_node k
        JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = $2 AND t.classid = 'pg_class'::regclass AND t.identity = k.now_table
        JOIN yesterday.plan_node q ON q.deployment = $1 AND q.kind = 'constraint' AND q.now_name = k.now_name
                                  AND t.definition -> 'inherits' ? q.now_table
        WHERE k.deployment = $1 AND k.kind = 'constraint' AND k.now_def ? 'parents'
        UNION
        -- a foreign key to a partitioned table needs the keys of all its partitions
        SELECT f.node * 2 + 1, q.node * 2 + 1
        FROM yesterday.plan_node f
        JOIN below b ON b.root = f.goal_def #>> '{refers,table}'
        JOIN yesterday.plan_node q ON q.deployment = $1 AND q.kind = 'constraint' AND q.goal_table = b.identity
             AND q.action IN ('create', 'recreate') AND q.goal_def ->> 'type' IN ('p', 'u')
        WHERE f.deployment = $1 AND f.kind = 'constraint' AND f.action IN ('create', 'recreate') AND f.goal_def ->> 'type' = 'f'
        UNION
        -- a table first, then what is set on its columns
        SELECT p.node * 2 + 1, p.parent * 2 + 1 FROM yesterday.plan_node p
        WHERE p.deployment = $1 AND p.kind IN ('default', 'not null') AND p.parent IS NOT NULL
        UNION
        -- ADD COLUMN adds at the end: columns come back in their order
        SELECT c.node * 2 + 1, lag(c.node) OVER (PARTITION BY c.parent ORDER BY c.node) * 2 + 1
        FROM yesterday.plan_node c
        WHERE c.deployment = $1 AND c.kind = 'column' AND c.action = 'create'
        UNION
        -- a name has to be free
        SELECT g.node * 2 + 1, n.node * 2
        FROM yesterday.plan_node n
        JOIN yesterday.plan_node g ON g.deployment = $1 AND g.node <> n.node AND g.classid = n.classid
                                  AND g.goal_identity = n.now_identity
        WHERE n.deployment = $1
    )
    SELECT DISTINCT $1, w.action, w.after
    FROM wanted w
    JOIN yesterday.plan_action a ON a.deployment = $1 AND a.action = w.action
    JOIN yesterday.plan_action b ON b.deployment = $1 AND b.action = w.after
    WHERE w.action <> w.after;

    -- What waits for something after the rows comes after the rows.
    LOOP
        UPDATE yesterday.plan_action a SET phase = 1
        WHERE a.deployment = $1 AND a.phase = 0
          AND EXISTS (SELECT FROM yesterday.plan_order o
                      JOIN yesterday.plan_action b ON b.deployment = $1 AND b.action = o.after
                      WHERE o.deployment = $1 AND o.action = a.action AND b.phase = 1);
        EXIT WHEN NOT FOUND;
    END LOOP;

    LOOP
        this_round := this_round + 1;
        UPDATE yesterday.plan_action a SET round = this_round
        WHERE a.deployment = $1 AND a.round IS NULL
          AND NOT EXISTS (SELECT FROM yesterday.plan_order o
                          JOIN yesterday.plan_action b ON b.deployment = $1 AND b.action = o.after
                          WHERE o.deployment = $1 AND o.action = a.action
                            AND (b.round IS NULL OR b.round = this_round));
        GET DIAGNOSTICS moved = ROW_COUNT;
        IF moved = 0 THEN
            UPDATE yesterday.plan_action a SET round = this_round
            WHERE a.deployment = $1 AND a.action = (
                SELECT min(c.action) FROM yesterday.plan_action c
                WHERE c.deployment = $1 AND c.round IS NULL);
            EXIT WHEN NOT FOUND;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._plan_order(bigint, text) IS 'internal: order of the actions of a plan';
REVOKE ALL ON FUNCTION yesterday._plan_order(bigint, text) FROM PUBLIC;

-- yesterday._has_parts(deployment, node): a table of the plan that has partitions, or that others inherit from.
CREATE FUNCTION yesterday._has_parts(deployment bigint, node integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT p.now_def ? 'partitioned'
           OR EXISTS (SELECT FROM yesterday.plan_node c WHERE c.deployment = $1 AND c.kind = 'table' AND c.now_def -> 'inherits' ? p.now_identity)
    FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2
$function$;
COMMENT ON FUNCTION yesterday._has_parts(bigint, integer) IS 'internal: a table that others are partitions or children of';
REVOKE ALL ON FUNCTION yesterday._has_parts(bigint, integer) FROM PUBLIC;
