-- yesterday._keep_definitions(deployment, rollback): puts the definitions of objects that somebody else made, or changed,
-- since the deployment, and that the plan takes away or overwrites, into the attic, as the commands that make them.
CREATE FUNCTION yesterday._keep_definitions(deployment bigint, rollback bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
    WITH kept AS (
        INSERT INTO yesterday.attic_object (rollback, deployment, kind, identity, reason, owner, commands)
        SELECT $2, $1, p.kind, p.now_identity, CASE p.reason WHEN 'displaced' THEN 'displaced' ELSE 'changed' END, p.now_owner,
               yesterday._named_as_found($1, $2, (
                SELECT string_agg(rtrim(c.command, ';'), E';\n' ORDER BY c.step, c.place)
                FROM (SELECT 1 AS step, m.place, m.command
                      FROM yesterday._create_commands(p.kind, p.now_identity, p.now_name, p.now_table, p.now_def)
                           WITH ORDINALITY AS m (stage, command, fallback, place)
                      UNION ALL
                      SELECT 2, a.place, a.command
                      FROM yesterday._attribute_commands(p.kind, p.now_identity, '{}', p.now_def, p.now_owner, p.now_owner, p.schema_name)
                           WITH ORDINALITY AS a (owner, command, place)
                      WHERE p.kind NOT IN ('column', 'default', 'not null', 'index', 'default privileges')) c))
        FROM yesterday.plan_node p
        LEFT JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = p.classid AND a.objid = p.aobjid
        WHERE p.deployment = $1 AND p.now_def IS NOT NULL AND (NOT p.implied OR p.reason = 'displaced')
          AND (p.now_def ? 'create'
               OR p.kind IN ('schema', 'view', 'materialized view', 'index', 'constraint', 'trigger', 'rule', 'policy', 'statistics',
                             'function', 'procedure', 'aggregate', 'default', 'not null', 'enum', 'composite type', 'domain',
                             'range', 'sequence', 'table', 'foreign table', 'column'))
          AND (p.reason = 'displaced'
               OR (p.reason = 'deployment' AND p.action IN ('drop', 'alter', 'recreate') AND a.objid IS NOT NULL
                   AND NOT p.as_deployed AND p.objsubid = 0 AND p.kind NOT IN ('table', 'default', 'not null', 'column')
                   AND p.now_def - '{comment,acl}'::text[] IS DISTINCT FROM p.goal_def - '{comment,acl}'::text[]))
        RETURNING kind, identity, reason
    )
    SELECT k.kind || ' ' || k.identity, 'kept in the attic', NULL::bigint,
           CASE k.reason WHEN 'displaced' THEN 'made by others on what goes' ELSE 'changed by others since' END
           || format('; its definition %s in yesterday.attic_objects', CASE WHEN yesterday._is_foreseen($2) THEN 'would be' ELSE 'is' END)
    FROM kept k
$function$;
COMMENT ON FUNCTION yesterday._keep_definitions(bigint, bigint) IS 'internal: keeps definitions that a rollback takes away';
REVOKE ALL ON FUNCTION yesterday._keep_definitions(bigint, bigint) FROM PUBLIC;

-- yesterday._named_as_found(deployment, rollback, commands): commands with the names that a rollback found, instead of those that it gave to what was
-- in the way of a name of before.
CREATE FUNCTION yesterday._named_as_found(deployment bigint, rollback bigint, commands text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    renamed record;
BEGIN
    FOR renamed IN
        SELECT substring(s.command FROM ' RENAME TO (yesterday_aside_[0-9]+_r[0-9]+)$') AS aside,
               substring(s.identity FROM '("(?:[^"]|"")+"|[^". (]+)(?:[(].*)?$') AS found
        FROM yesterday.inverse_step s
        WHERE s.deployment = $1 AND s.rollback = $2 AND s.outcome = 'renamed' AND s.command ~ ' RENAME TO yesterday_aside_[0-9]+_r[0-9]+$'
        -- one can begin with another
        ORDER BY length(s.command) DESC, s.ordinal DESC
    LOOP
        commands := regexp_replace(commands, renamed.aside || '(?![0-9])', replace(renamed.found, '\', '\\'), 'g');
    END LOOP;
    RETURN commands;
END
$function$;
COMMENT ON FUNCTION yesterday._named_as_found(bigint, bigint, text) IS 'internal: commands with the names that a rollback found';
REVOKE ALL ON FUNCTION yesterday._named_as_found(bigint, bigint, text) FROM PUBLIC;

-- yesterday._table_definition(deployment, table): the commands that make a table of the image "now" with its sequences,
-- defaults, constraints and indexes.
CREATE FUNCTION yesterday._table_definition(deployment bigint, relation oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH tab AS (
        SELECT o.* FROM yesterday.schema_object o
        WHERE o.deployment = $1 AND o.phase = 'now' AND o.classid = 'pg_class'::regclass AND o.objid = relation
    ), col AS (
        SELECT c.value AS def, c.ordinality FROM tab, jsonb_array_elements(tab.definition -> 'columns') WITH ORDINALITY AS c
    ), sequence AS (
        SELECT s.identity, s.definition FROM yesterday.schema_object s, tab
        WHERE s.deployment = $1 AND s.phase = 'now' AND s.kind = 'sequence'
          AND left(s.definition ->> 'owned_by', length(tab.identity) + 1) = tab.identity || '.'
    )
    SELECT string_agg(rtrim(x.command, ';'), E';\n' ORDER BY x.step, x.name)
    FROM (
        SELECT 1 AS step, s.identity AS name, m.command
        FROM sequence s, yesterday._create_commands('sequence', s.identity, NULL, NULL, s.definition - 'owned_by'
                 || jsonb_build_object('next_value', yesterday._next_value(to_regclass(s.identity)))) m
        UNION ALL
        SELECT 2, '', m.command FROM tab, yesterday._create_commands('table', tab.identity, tab.object_name, NULL, tab.definition) m
        UNION ALL
        SELECT 3, '', m.command
        FROM tab, col, yesterday._create_commands('default', NULL, col.def ->> 'name', tab.identity,
                                                  jsonb_build_object('expression', col.def -> 'default')) m
        WHERE col.def ? 'default'
        UNION ALL
        SELECT 3, '', m.command
        FROM tab, col, yesterday._create_commands('not null', NULL, col.def ->> 'name', tab.identity, col.def -> 'not_null') m
        WHERE col.def ? 'not_null' AND NOT col.def ? 'identity'
        UNION ALL
        SELECT 4, s.identity, format('ALTER SEQUENCE %s OWNED BY %s', s.identity, s.definition ->> 'owned_by') FROM sequence s
        UNION ALL
        SELECT CASE WHEN o.definition ->> 'type' = 'f' THEN 6 ELSE 5 END, o.object_name, m.command
        FROM tab
        JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = 'now' AND o.parent = tab.objid AND o.kind IN ('constraint', 'index')
        CROSS JOIN LATERAL yesterday._create_commands(o.kind, o.identity, o.object_name, tab.identity, o.definition) m
        WHERE NOT o.definition ? 'inherited'
    ) x
$function$;
COMMENT ON FUNCTION yesterday._table_definition(bigint, oid) IS 'internal: commands that make a table with its parts';
REVOKE ALL ON FUNCTION yesterday._table_definition(bigint, oid) FROM PUBLIC;
