-- yesterday._plan_steps(deployment, phase): the plan as commands, in order.
--   late   owners, privileges, comments and marks: after everything else
CREATE FUNCTION yesterday._plan_steps(deployment bigint, phase text)
RETURNS TABLE (phase_of_step text, node integer, owner name, command text, fallback text,
               subject text, outcome text, kind text, identity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    todo record;
    step record;
    -- as whom: the owner of the table for its parts, nobody in particular for what has no owner
    run_as name;
    late jsonb := '[]';
    -- steps after the rows of an action before them: checks of a domain, ATTACH PARTITION
    deferred jsonb := '[]';
BEGIN
    FOR todo IN
        SELECT a.phase AS after_rows, a.action % 2 = 0 AS is_drop, p.*, t.owner AS table_owner
        FROM yesterday.plan_action a
        JOIN yesterday.plan_node p ON p.deployment = $1 AND p.node = a.action / 2
        LEFT JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = $2
                                           AND t.classid = 'pg_class'::regclass AND t.identity = p.goal_table
        WHERE a.deployment = $1
        ORDER BY a.phase, a.round, a.action % 2, p.kind, coalesce(p.now_identity, p.goal_identity)
    LOOP
        phase_of_step := CASE WHEN todo.after_rows = 1 THEN 'constraint' ELSE 'structure' END;
        node := todo.node;
        kind := todo.kind;
        identity := coalesce(todo.goal_identity, todo.now_identity);
        subject := todo.kind || ' ' || identity;
        run_as := coalesce(todo.table_owner, CASE WHEN todo.action IN ('create') THEN todo.goal_owner ELSE todo.now_owner END,
                           current_user);
        fallback := NULL;
        outcome := CASE WHEN todo.reason = 'displaced' THEN 'displaced'
                        WHEN todo.action = 'drop' THEN 'dropped'
                        WHEN todo.action IN ('create', 'recreate') THEN 'recreated' ELSE 'altered' END;

        IF todo.is_drop THEN
            CONTINUE WHEN todo.implied;
            command := yesterday._drop_command(todo.kind, todo.now_identity, todo.now_name, todo.now_table);
            owner := run_as;
            IF command IS NOT NULL THEN
                RETURN NEXT;
            END IF;
            IF todo.kind = 'default privileges' AND todo.action = 'drop' THEN
                FOR step IN SELECT * FROM yesterday._attribute_commands(todo.kind, todo.now_identity,
                                todo.now_def, '{}', todo.now_owner, todo.now_owner, todo.schema_name) LOOP
                    owner := step.owner; command := step.command; RETURN NEXT;
                END LOOP;
            END IF;
            CONTINUE;
        END IF;

        IF todo.kind = 'default privileges' THEN
            NULL;
        ELSIF todo.action IN ('create', 'recreate') THEN
            FOR step IN SELECT * FROM yesterday._create_commands(todo.kind, todo.goal_identity, todo.goal_name,
                                                                 todo.goal_table, todo.goal_def) LOOP
                owner := CASE WHEN todo.kind IN ('schema') THEN current_user
                              ELSE coalesce(todo.table_owner, todo.goal_owner, current_user) END;
                command := step.command || CASE WHEN todo.kind = 'schema'
                               THEN ' AUTHORIZATION ' || quote_ident(todo.goal_owner) ELSE '' END;
                fallback := step.fallback;
                IF step.stage = 'late' THEN
                    late := late || jsonb_build_object('node', node, 'owner', owner, 'command', command,
                                'subject', subject, 'outcome', outcome, 'kind', kind, 'identity', identity);
                ELSIF step.stage = 'constraint' AND todo.after_rows = 0 AND todo.reason <> 'around' THEN
                    deferred := deferred || jsonb_build_object('node', node, 'owner', owner, 'command', command,
                                'fallback', fallback, 'subject', subject, 'outcome', outcome, 'kind', kind,
                                'identity', identity);
                ELSE
                    RETURN NEXT;
                END IF;
            END LOOP;
        ELSIF todo.action = 'alter' AND todo.kind = 'not null' THEN
            owner := run_as;
            command := format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', todo.goal_table,
                              todo.now_def ->> 'name', todo.goal_def ->> 'name');
            IF todo.now_def -> 'name' <> todo.goal_def -> 'name' THEN
                RETURN NEXT;
            END IF;
        ELSIF todo.action = 'alter' AND todo.kind = 'default' THEN
            owner := run_as;
            SELECT c.command INTO command FROM yesterday._create_commands('default', todo.goal_identity,
                todo.goal_name, todo.goal_table, todo.goal_def) c;
            RETURN NEXT;
        ELSIF todo.action = 'alter' AND todo.kind = 'column' THEN
            owner := run_as;
            FOR command IN SELECT * FROM yesterday._column_storage_commands(todo.goal_table, todo.now_def, todo.goal_def) LOOP
                RETURN NEXT;
            END LOOP;
        ELSIF todo.action = 'alter' THEN
            FOR step IN SELECT * FROM yesterday._alter_commands(todo.kind, todo.goal_identity, todo.goal_name,
                                                                todo.goal_table, todo.now_def, todo.goal_def) LOOP
                owner := run_as;
                command := step.command;
                fallback := step.fallback;
                IF step.stage = 'late' THEN
                    late := late || jsonb_build_object('node', node, 'owner', owner, 'command', command,
                                'subject', subject, 'outcome', outcome, 'kind', kind, 'identity', identity);
                ELSIF step.stage = 'constraint' AND todo.after_rows = 0 AND todo.reason <> 'around' THEN
                    deferred := deferred || jsonb_build_object('node', node, 'owner', owner, 'command', command,
                                'fallback', fallback, 'subject', subject, 'outcome', outcome, 'kind', kind,
                                'identity', identity);
                ELSE
                    RETURN NEXT;
                END IF;
            END LOOP;
        END IF;

        IF todo.kind IN ('column', 'default', 'not null') THEN
            CONTINUE;                   -- the table has the attributes of its columns
        END IF;
        IF todo.action IN ('create', 'recreate') AND todo.kind IN ('table', 'materialized view') THEN
            FOR command IN SELECT * FROM yesterday._mark_commands(todo.kind, todo.goal_identity, '{}', todo.goal_def) LOOP
                late := late || jsonb_build_object('node', node, 'owner', todo.goal_owner, 'command', command,
                            'subject', subject, 'outcome', outcome, 'kind', kind, 'identity', identity);
            END LOOP;
        END IF;
        FOR step IN SELECT * FROM yesterday._attribute_commands(todo.kind, todo.goal_identity,
                        CASE WHEN todo.action IN ('create', 'recreate') AND todo.kind <> 'default privileges'
                             THEN '{}' ELSE coalesce(todo.now_def, '{}') END, todo.goal_def,
                        CASE WHEN todo.action IN ('create', 'recreate') THEN todo.goal_owner ELSE todo.now_owner END,
                        todo.goal_owner, todo.schema_name) LOOP
            late := late || jsonb_build_object('node', node, 'owner', coalesce(step.owner, current_user),
                        'command', step.command, 'subject', subject, 'outcome', outcome, 'kind', kind, 'identity', identity);
        END LOOP;
    END LOOP;

    FOR step IN SELECT x FROM jsonb_array_elements(deferred || late) x LOOP
        phase_of_step := 'constraint';
        node := (step.x ->> 'node')::integer;
        owner := step.x ->> 'owner';
        command := step.x ->> 'command';
        fallback := step.x ->> 'fallback';
        subject := step.x ->> 'subject';
        outcome := step.x ->> 'outcome';
        kind := step.x ->> 'kind';
        identity := step.x ->> 'identity';
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._plan_steps(bigint, text) IS 'internal: the commands of a plan, in order';
REVOKE ALL ON FUNCTION yesterday._plan_steps(bigint, text) FROM PUBLIC;

