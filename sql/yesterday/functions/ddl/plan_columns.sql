-- yesterday._plan_columns(deployment, phase): adds the columns, defaults and NOT NULLs of changed
-- tables to the plan. A table that is created has its columns in its own command, but defaults
-- and NOT NULLs as steps; one that is dropped takes all with it.
CREATE FUNCTION yesterday._plan_columns(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tab record;
    col record;
    survivors text[];
    wanted text[];
    changed text[];
    inherited boolean;
BEGIN
    FOR tab IN
        SELECT p.*, b.definition -> 'columns' AS before_columns, a.definition -> 'columns' AS after_columns
        FROM yesterday.plan_node p
        LEFT JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before'
                                           AND b.classid = p.classid AND b.objid = p.bobjid
        LEFT JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after'
                                           AND a.classid = p.classid AND a.objid = p.aobjid
        WHERE p.deployment = $1 AND p.kind IN ('table', 'foreign table') AND p.action <> 'drop'
    LOOP
        survivors := '{}';
        wanted := '{}';
        FOR col IN
            SELECT * FROM yesterday._merge_columns(
                tab.before_columns, CASE WHEN tab.aobjid IS NULL THEN tab.before_columns ELSE tab.after_columns END,
                CASE WHEN tab.action = 'create' THEN '[]' ELSE tab.now_def -> 'columns' END,
                tab.bobjid = tab.aobjid, tab.objid = tab.aobjid)
            WHERE tab.action <> 'create'
            UNION ALL
            SELECT o, NULL::jsonb, c
            FROM jsonb_array_elements(tab.goal_def -> 'columns') WITH ORDINALITY AS v(c, o)
            WHERE tab.action = 'create'
            ORDER BY 1
        LOOP
            inherited := coalesce((coalesce(col.goal_column, col.now_column) ->> 'inherited')::integer, 0) > 0;
            changed := ARRAY(SELECT k FROM (SELECT jsonb_object_keys(col.now_column) AS k
                                            UNION SELECT jsonb_object_keys(col.goal_column)) u
                             WHERE col.now_column -> k IS DISTINCT FROM col.goal_column -> k
                               AND k NOT IN ('num', 'comment', 'acl', 'default', 'not_null'));
            IF col.goal_column IS NOT NULL THEN
                wanted := wanted || (col.goal_column ->> 'name');
                IF col.now_column IS NOT NULL THEN
                    survivors := survivors || (col.now_column ->> 'name');
                END IF;
            END IF;

            INSERT INTO yesterday.plan_node
                (deployment, kind, action, classid, objid, bobjid, aobjid, objsubid, bobjsubid, parent, schema_name,
                 now_name, goal_name, now_identity, goal_identity, now_table, goal_table, now_def, goal_def,
                 now_owner, goal_owner, refusal)
            SELECT $1, k.kind,
                   CASE WHEN k.goal_def IS NULL THEN 'drop' WHEN k.now_def IS NULL THEN 'create'
                        WHEN k.kind <> 'column' THEN CASE WHEN k.now_def = k.goal_def THEN 'none' ELSE 'alter' END
                        WHEN changed = '{}' THEN 'none' ELSE 'alter' END,
                   k.classid, tab.objid, tab.bobjid, tab.aobjid,
                   coalesce((col.now_column ->> 'num')::integer, 0),
                   coalesce((SELECT (c ->> 'num')::integer FROM jsonb_array_elements(tab.before_columns) c
                             WHERE c -> 'name' = col.goal_column -> 'name'), 0),
                   tab.node, tab.schema_name, col.now_column ->> 'name', col.goal_column ->> 'name',
                   tab.goal_identity || '.' || quote_ident(col.now_column ->> 'name'),
                   tab.goal_identity || '.' || quote_ident(col.goal_column ->> 'name'),
                   tab.now_identity, tab.goal_identity, k.now_def, k.goal_def, tab.now_owner, tab.goal_owner,
                   CASE WHEN k.kind = 'column' AND k.now_def IS NULL AND tab.action <> 'create'
                        THEN 'the column was dropped'
                        WHEN k.kind = 'column' AND changed && '{type,collation,generated,expression,identity}'
                             AND k.goal_def IS NOT NULL THEN 'the column was changed: ' || array_to_string(changed, ', ') END
            FROM (VALUES
                ('column', 'pg_class'::regclass, col.now_column, col.goal_column),
                ('default', 'pg_attrdef'::regclass,
                 CASE WHEN col.now_column ? 'default' THEN jsonb_build_object('expression', col.now_column -> 'default') END,
                 CASE WHEN col.goal_column ? 'default' THEN jsonb_build_object('expression', col.goal_column -> 'default') END),
                ('not null', 'pg_attribute'::regclass, col.now_column -> 'not_null', col.goal_column -> 'not_null')
            ) AS k (kind, classid, now_def, goal_def)
            WHERE (k.now_def IS NOT NULL OR k.goal_def IS NOT NULL)
              -- a created table has its columns
              AND NOT (k.kind = 'column' AND tab.action = 'create')
              -- what comes from a parent table follows it
              AND NOT (inherited AND k.kind = 'column' AND coalesce(col.goal_column, col.now_column) ? 'local')
              AND NOT (k.kind = 'not null' AND coalesce(k.goal_def, k.now_def) ? 'inherited')
              -- an identity column is NOT NULL by itself
              AND NOT (k.kind = 'not null' AND col.now_column IS NULL AND col.goal_column ? 'identity');
        END LOOP;

        -- ADD COLUMN adds at the end: is that the order of before?
        IF tab.action <> 'create' AND wanted[1:cardinality(survivors)] <> survivors THEN
            UPDATE yesterday.plan_node p SET refusal = 'the order of its columns can not be had back'
            WHERE p.deployment = $1 AND p.node = tab.node;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._plan_columns(bigint, text) IS 'internal: columns of the tables of a plan';
REVOKE ALL ON FUNCTION yesterday._plan_columns(bigint, text) FROM PUBLIC;

