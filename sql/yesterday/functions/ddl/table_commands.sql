-- yesterday._table_commands(deployment, node, phase): the commands that make a table of the plan, with its
-- rows. A table that is rebuilt is put aside under another name, and dropped when its rows are in
-- the new one; sequences that its columns own go from the one to the other.
CREATE FUNCTION yesterday._table_commands(deployment bigint, node integer, phase text)
RETURNS TABLE (stage text, command text, fallback text, reads name[])
-- the plan goes without nested loops; here a few rows of one table are looked up in images of all
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = on
AS $function$
DECLARE
    tab yesterday.plan_node;
    aside text;
    col jsonb;
    sequence record;
    position bigint;
    is_interleaved boolean;
    made jsonb;         -- the commands that create it: [{stage, command, fallback}]
BEGIN
    SELECT p.* INTO STRICT tab FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2;
    is_interleaved := tab.goal_def ? 'inherits' AND yesterday._is_interleaved($1, $2);
    SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') INTO made
    FROM yesterday._create_commands(tab.kind, tab.goal_identity, tab.goal_name, NULL, tab.goal_def) c;
    stage := 'structure';
    reads := '{}';
    IF tab.kind = 'foreign table' THEN
        RETURN QUERY
        SELECT c ->> 'stage', c ->> 'command', c ->> 'fallback', '{}'::name[] FROM jsonb_array_elements(made) c
        WHERE NOT is_interleaved;
        RETURN QUERY
        SELECT 'structure', c, NULL::text, '{}'::name[]
        FROM (SELECT yesterday._heir_commands($1, $2, false) UNION ALL SELECT yesterday._heir_commands($1, $2, true)) h (c)
        WHERE is_interleaved;
        RETURN;
    END IF;
    IF tab.action = 'rebuild' THEN
        aside := yesterday._aside_name($1, $2, tab.now_identity);
        FOR col IN SELECT c FROM jsonb_array_elements(tab.now_def -> 'columns') c WHERE c ? 'identity' LOOP
            command := format('ALTER TABLE %s ALTER COLUMN %I DROP IDENTITY', tab.now_identity, col ->> 'name');
            RETURN NEXT;
        END LOOP;
        FOR sequence IN
            SELECT DISTINCT o.identity FROM yesterday.schema_dependency d
            JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = $3 AND o.classid = d.classid
                                          AND o.objid = d.objid AND o.kind = 'sequence'
            WHERE d.deployment = $1 AND d.phase = $3 AND d.refclassid = 'pg_class'::regclass
              AND d.refobjid = tab.objid AND d.refobjsubid > 0
        LOOP
            command := format('ALTER SEQUENCE %s OWNED BY NONE', sequence.identity);
            RETURN NEXT;
        END LOOP;
        IF tab.now_def ? 'force_row_security' THEN
            -- or its owner would not see the rows
            command := format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', tab.now_identity);
            RETURN NEXT;
        END IF;
        command := format('ALTER TABLE %s RENAME TO %I', tab.now_identity, (parse_ident(aside))[2]);
        RETURN NEXT;
    END IF;

    IF is_interleaved THEN
        RETURN QUERY SELECT 'structure', c, NULL::text, '{}'::name[] FROM yesterday._heir_commands($1, $2, false) c;
    ELSE
        RETURN QUERY SELECT c ->> 'stage', c ->> 'command', c ->> 'fallback', '{}'::name[] FROM jsonb_array_elements(made) c
            WHERE c ->> 'stage' = 'structure';
    END IF;
    -- before the rows: those written since the column was dropped take its next values
    FOR col IN SELECT c FROM jsonb_array_elements(tab.goal_def -> 'columns') c WHERE c ? 'identity' LOOP
        position := coalesce(
            (SELECT yesterday._last_position(to_regclass(n #>> '{identity,sequence}')) FROM jsonb_array_elements(tab.now_def -> 'columns') n
             WHERE n #> '{identity,sequence}' = col #> '{identity,sequence}' AND tab.action = 'rebuild'),
            (SELECT s.last_value FROM yesterday.saved_sequence s
             WHERE s.deployment = $1 AND s.identity = col #>> '{identity,sequence}'));
        IF position IS NOT NULL THEN
            command := format('ALTER SEQUENCE %s RESTART WITH %s', col #>> '{identity,sequence}',
                              yesterday._next_position(position, col -> 'identity'));
            RETURN NEXT;
        END IF;
    END LOOP;
    IF NOT tab.goal_def ? 'partitioned' THEN
        RETURN QUERY SELECT 'structure', r.command, NULL::text, r.reads FROM yesterday._rows_command($1, $2, aside) r;
        RETURN QUERY SELECT 'structure', n.command, NULL::text, n.reads FROM yesterday._newer_rows($1, $2, aside) n;
    END IF;
    IF is_interleaved THEN
        RETURN QUERY SELECT 'structure', c, NULL::text, '{}'::name[] FROM yesterday._heir_commands($1, $2, true) c;
    END IF;

    IF tab.action = 'rebuild' THEN
        IF NOT yesterday._has_rows_aside($1, tab.now_identity) THEN
            command := format('DROP TABLE %s', aside);
            RETURN NEXT;
        END IF;
        FOR sequence IN
            SELECT DISTINCT o.identity, coalesce(p.goal_def, o.definition) ->> 'owned_by' AS owned_by
            FROM yesterday.schema_dependency d
            JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = $3 AND o.classid = d.classid
                                          AND o.objid = d.objid AND o.kind = 'sequence'
            LEFT JOIN yesterday.plan_node p ON p.deployment = $1 AND p.classid = o.classid AND p.objid = o.objid
            WHERE d.deployment = $1 AND d.phase = $3 AND d.refclassid = 'pg_class'::regclass
              AND d.refobjid = tab.objid AND d.refobjsubid > 0 AND p.action IS DISTINCT FROM 'drop'
        LOOP
            IF starts_with(sequence.owned_by, tab.goal_identity || '.') THEN
                command := format('ALTER SEQUENCE %s OWNED BY %s', sequence.identity, sequence.owned_by);
                RETURN NEXT;
            END IF;
        END LOOP;
    END IF;
    RETURN QUERY SELECT c ->> 'stage', c ->> 'command', c ->> 'fallback', '{}'::name[] FROM jsonb_array_elements(made) c
        WHERE c ->> 'stage' <> 'structure';
END
$function$;
COMMENT ON FUNCTION yesterday._table_commands(bigint, integer, text) IS 'internal: commands that make a table of a plan, with its rows';
REVOKE ALL ON FUNCTION yesterday._table_commands(bigint, integer, text) FROM PUBLIC;

-- yesterday._next_position(last value, options): where a sequence goes on after a value; RESTART
-- names the next value, not the last one.
CREATE FUNCTION yesterday._next_position(last_value bigint, options jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN n.next BETWEEN (options ->> 'min')::numeric AND (options ->> 'max')::numeric THEN n.next::bigint
                WHEN (options ->> 'cycle')::boolean THEN
                    CASE WHEN (options ->> 'increment')::bigint > 0 THEN (options ->> 'min')::bigint
                         ELSE (options ->> 'max')::bigint END
                ELSE last_value END
    FROM (SELECT last_value::numeric + (options ->> 'increment')::numeric AS next) n
$function$;
COMMENT ON FUNCTION yesterday._next_position(bigint, jsonb) IS 'internal: value that a sequence gives after another one';
REVOKE ALL ON FUNCTION yesterday._next_position(bigint, jsonb) FROM PUBLIC;

