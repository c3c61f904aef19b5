-- yesterday._alter_commands(kind, identity, name, table, now, goal): the commands that change a
-- definition where _change_action() says "alter". Columns, defaults and NOT NULL of a table
-- have steps of their own.
CREATE FUNCTION yesterday._alter_commands(kind text, identity text, object_name text, table_identity text,
                                          now_def jsonb, goal jsonb)
RETURNS TABLE (stage text, command text, fallback text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    part jsonb;
    col_now jsonb;
    clause text;
BEGIN
    stage := 'structure';
    CASE kind
    WHEN 'extension' THEN
        IF now_def -> 'schema' <> goal -> 'schema' THEN
            command := format('ALTER EXTENSION %s SET SCHEMA %s', identity, goal ->> 'schema'); RETURN NEXT;
        END IF;

    WHEN 'sequence' THEN
        IF now_def - '{comment,acl,owned_by,persistence}'::text[] <> goal - '{comment,acl,owned_by,persistence,restart}'::text[] THEN
            -- where it stands can be outside of the bounds of before
            command := concat_ws(' ', format('ALTER SEQUENCE %s AS %s %s', identity, goal ->> 'type',
                              yesterday._sequence_options(goal)), 'RESTART WITH ' || (goal ->> 'restart'));
            RETURN NEXT;
        END IF;
        IF now_def -> 'persistence' <> goal -> 'persistence' THEN
            command := format('ALTER SEQUENCE %s SET %s', identity,
                              CASE goal ->> 'persistence' WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END);
            RETURN NEXT;
        END IF;
        IF now_def -> 'owned_by' IS DISTINCT FROM goal -> 'owned_by' THEN
            command := format('ALTER SEQUENCE %s OWNED BY %s', identity, coalesce(goal ->> 'owned_by', 'NONE'));
            RETURN NEXT;
        END IF;

    WHEN 'function', 'procedure' THEN
        command := goal ->> 'create'; RETURN NEXT;

    WHEN 'text search configuration' THEN
        FOR command IN
            SELECT format('ALTER TEXT SEARCH CONFIGURATION %s DROP MAPPING FOR %s', identity, substring(m FROM ' ADD MAPPING FOR (.+) WITH '))
            FROM jsonb_array_elements_text(now_def -> 'then') m WHERE NOT goal -> 'then' ? m
            UNION ALL
            SELECT m FROM jsonb_array_elements_text(goal -> 'then') m WHERE NOT now_def -> 'then' ? m
        LOOP
            RETURN NEXT;
        END LOOP;

    WHEN 'view' THEN
        IF now_def -> 'query' <> goal -> 'query' OR now_def -> 'options' IS DISTINCT FROM goal -> 'options' THEN
            command := concat_ws(' ', 'CREATE OR REPLACE VIEW', identity,
                'WITH (' || yesterday._option_list(goal -> 'options') || ')', 'AS', goal ->> 'query');
            RETURN NEXT;
        END IF;
        FOR part IN SELECT c FROM jsonb_array_elements(goal -> 'columns') c LOOP
            SELECT c INTO col_now FROM jsonb_array_elements(now_def -> 'columns') c WHERE c -> 'name' = part -> 'name';
            IF col_now ->> 'default' IS DISTINCT FROM part ->> 'default' THEN
                command := format('ALTER VIEW %s ALTER COLUMN %I %s', identity, part ->> 'name',
                                  coalesce('SET DEFAULT ' || (part ->> 'default'), 'DROP DEFAULT'));
                RETURN NEXT;
            END IF;
        END LOOP;

    WHEN 'index' THEN
        IF now_def -> 'tablespace' IS DISTINCT FROM goal -> 'tablespace' THEN
            command := format('ALTER INDEX %s SET TABLESPACE %I', identity,
                              coalesce(goal ->> 'tablespace', 'pg_default'));
            RETURN NEXT;
        END IF;
        FOR command IN
            SELECT format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', identity, k,
                          coalesce(goal -> 'statistics' ->> k, '-1'))
            FROM (SELECT jsonb_object_keys(now_def -> 'statistics') AS k
                  UNION SELECT jsonb_object_keys(goal -> 'statistics')) u
            WHERE now_def -> 'statistics' -> k IS DISTINCT FROM goal -> 'statistics' -> k LOOP
            RETURN NEXT;
        END LOOP;

    WHEN 'constraint' THEN
        stage := 'late';
        command := format('COMMENT ON INDEX %s.%I IS %s', yesterday._schema_part(table_identity), object_name,
                          coalesce(quote_literal(goal ->> 'index_comment'), 'NULL'));
        RETURN NEXT;

    WHEN 'foreign table' THEN NULL;         -- made anew where its columns are not enough

    WHEN 'database' THEN
        RETURN QUERY SELECT 'structure', c, NULL::text FROM yesterday._database_commands(now_def, goal) c;

    WHEN 'server' THEN
        command := concat_ws(' ', 'ALTER SERVER', identity,
            CASE WHEN now_def -> 'version' IS DISTINCT FROM goal -> 'version'
                 THEN 'VERSION ' || coalesce(quote_literal(goal ->> 'version'), 'NULL') END,
            yesterday._option_changes(now_def -> 'options', goal -> 'options'));
        RETURN NEXT;

    WHEN 'foreign-data wrapper' THEN
        command := concat_ws(' ', 'ALTER FOREIGN DATA WRAPPER', identity,
            CASE WHEN now_def -> 'handler' IS DISTINCT FROM goal -> 'handler'
                 THEN coalesce('HANDLER ' || (goal ->> 'handler'), 'NO HANDLER') END,
            CASE WHEN now_def -> 'validator' IS DISTINCT FROM goal -> 'validator'
                 THEN coalesce('VALIDATOR ' || (goal ->> 'validator'), 'NO VALIDATOR') END,
            yesterday._option_changes(now_def -> 'options', goal -> 'options'));
        RETURN NEXT;

    WHEN 'trigger', 'rule' THEN
        -- what is said of a parent reaches its partitions: theirs comes later
        stage := CASE WHEN goal ? 'inherited' THEN 'late' ELSE 'constraint' END;
        command := yesterday._enable_command(upper(kind), object_name, table_identity, goal ->> 'enabled');
        RETURN NEXT;

    WHEN 'statistics' THEN
        command := format('ALTER STATISTICS %s SET STATISTICS %s', identity, coalesce(goal ->> 'target', '-1'));
        RETURN NEXT;

    WHEN 'domain' THEN
        IF now_def -> 'default' IS DISTINCT FROM goal -> 'default' THEN
            command := format('ALTER DOMAIN %s %s', identity,
                              coalesce('SET DEFAULT ' || (goal ->> 'default'), 'DROP DEFAULT'));
            RETURN NEXT;
        END IF;
        -- the comment of a constraint is no reason to make it anew
        FOR part IN SELECT k FROM jsonb_array_elements(now_def -> 'constraints') k
                    WHERE NOT coalesce(goal -> 'constraints' @> jsonb_build_array(k - 'comment'), false) LOOP
            command := format('ALTER DOMAIN %s DROP CONSTRAINT %I', identity, part ->> 'name');
            RETURN NEXT;
        END LOOP;
        IF now_def ? 'not_null' AND NOT goal ? 'not_null' THEN
            command := format('ALTER DOMAIN %s DROP NOT NULL', identity); RETURN NEXT;
        END IF;
        stage := 'constraint';
        FOR part IN SELECT k FROM jsonb_array_elements(goal -> 'constraints') k
                    WHERE NOT coalesce(now_def -> 'constraints' @> jsonb_build_array(k - 'comment'), false) LOOP
            command := format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', identity, part ->> 'name', part ->> 'definition');
            -- from 17 on NOT NULL of a domain is a constraint, too, and the only one that cannot be NOT VALID
            fallback := CASE WHEN command LIKE '%NOT VALID' OR part ->> 'definition' LIKE 'NOT NULL%' THEN NULL
                             ELSE command || ' NOT VALID' END;
            RETURN NEXT;
            fallback := NULL;
            IF part ? 'comment' THEN
                command := format('COMMENT ON CONSTRAINT %I ON DOMAIN %s IS %L', part ->> 'name', identity, part ->> 'comment');
                RETURN NEXT;
            END IF;
        END LOOP;
        FOR part IN SELECT g FROM jsonb_array_elements(goal -> 'constraints') g
                    JOIN jsonb_array_elements(now_def -> 'constraints') n ON n - 'comment' = g - 'comment'
                    WHERE n -> 'comment' IS DISTINCT FROM g -> 'comment' LOOP
            command := format('COMMENT ON CONSTRAINT %I ON DOMAIN %s IS %s', part ->> 'name', identity,
                              coalesce(quote_literal(part ->> 'comment'), 'NULL'));
            RETURN NEXT;
        END LOOP;
        IF goal ? 'not_null' AND NOT now_def ? 'not_null'
           AND NOT EXISTS (SELECT FROM jsonb_array_elements(goal -> 'constraints') k
                           WHERE k ->> 'definition' LIKE 'NOT NULL%') THEN
            command := format('ALTER DOMAIN %s SET NOT NULL', identity); RETURN NEXT;
        END IF;

    WHEN 'composite type' THEN
        FOR part IN SELECT a FROM jsonb_array_elements(now_def -> 'attributes') a
                    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(goal -> 'attributes') g WHERE g -> 'name' = a -> 'name') LOOP
            -- the plan has dropped what depends on the column of a typed table
            command := format('ALTER TYPE %s DROP ATTRIBUTE %I%s', identity, part ->> 'name', yesterday._to_typed_tables(identity));
            RETURN NEXT;
        END LOOP;
        stage := 'late';
        FOR part IN SELECT g FROM jsonb_array_elements(goal -> 'attributes') g
                    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(now_def -> 'attributes') a
                                      WHERE a -> 'name' = g -> 'name' AND a -> 'comment' IS NOT DISTINCT FROM g -> 'comment') LOOP
            command := format('COMMENT ON COLUMN %s.%I IS %s', identity, part ->> 'name',
                              coalesce(quote_literal(part ->> 'comment'), 'NULL'));
            RETURN NEXT;
        END LOOP;

    WHEN 'table', 'materialized view' THEN
        IF now_def ? 'partition_of' AND (now_def -> 'partition_of' IS DISTINCT FROM goal -> 'partition_of'
                                         OR now_def -> 'bound' IS DISTINCT FROM goal -> 'bound') THEN
            command := format('ALTER TABLE %s DETACH PARTITION %s', now_def ->> 'partition_of', identity);
            RETURN NEXT;
        END IF;
        FOR clause IN SELECT p FROM jsonb_array_elements_text(now_def -> 'inherits') p
                      WHERE NOT coalesce(goal -> 'inherits' ? p, false) LOOP
            command := format('ALTER TABLE %s NO INHERIT %s', identity, clause);
            RETURN NEXT;
        END LOOP;
        stage := 'constraint';
        FOR clause IN SELECT p.value FROM jsonb_array_elements_text(goal -> 'inherits') WITH ORDINALITY AS p
                      WHERE NOT coalesce(now_def -> 'inherits' ? p.value, false) ORDER BY p.ordinality LOOP
            command := format('ALTER TABLE %s INHERIT %s', identity, clause);
            RETURN NEXT;
        END LOOP;
        IF goal ? 'partition_of' AND (now_def -> 'partition_of' IS DISTINCT FROM goal -> 'partition_of'
                                      OR now_def -> 'bound' IS DISTINCT FROM goal -> 'bound') THEN
            command := format('ALTER TABLE %s ATTACH PARTITION %s %s', goal ->> 'partition_of', identity, goal ->> 'bound');
            RETURN NEXT;
        END IF;
        stage := 'structure';
        IF now_def -> 'persistence' IS DISTINCT FROM goal -> 'persistence' THEN
            command := format('ALTER TABLE %s SET %s', identity,
                              CASE goal ->> 'persistence' WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END);
            RETURN NEXT;
        END IF;
        IF now_def -> 'access_method' IS DISTINCT FROM goal -> 'access_method' AND kind = 'table' THEN
            command := format('ALTER TABLE %s SET ACCESS METHOD %s', identity, coalesce(quote_ident(goal ->> 'access_method'), 'DEFAULT'));
            RETURN NEXT;
        END IF;
        IF now_def ? 'of_type' AND now_def -> 'of_type' IS DISTINCT FROM goal -> 'of_type' THEN
            command := format('ALTER TABLE %s NOT OF', identity);
            RETURN NEXT;
        END IF;
        IF goal ? 'of_type' AND now_def -> 'of_type' IS DISTINCT FROM goal -> 'of_type' THEN
            stage := 'constraint';
            command := format('ALTER TABLE %s OF %s', identity, goal ->> 'of_type');
            RETURN NEXT;
            stage := 'structure';
        END IF;
        IF now_def -> 'tablespace' IS DISTINCT FROM goal -> 'tablespace' THEN
            command := format('ALTER %s %s SET TABLESPACE %I', yesterday._object_word(kind), identity,
                              coalesce(goal ->> 'tablespace', 'pg_default'));
            RETURN NEXT;
        END IF;
        stage := 'late';
        FOR clause IN
            SELECT c FROM (VALUES
                ('options', 'RESET (' || yesterday._option_names(now_def -> 'options') || ')'),
                ('options', 'SET (' || yesterday._option_list(goal -> 'options') || ')'),
                ('toast_options', 'RESET (' || yesterday._option_names(now_def -> 'toast_options', 'toast.') || ')'),
                ('toast_options', 'SET (' || yesterday._option_list(goal -> 'toast_options', 'toast.') || ')')
            ) AS v(key, c)
            WHERE now_def -> v.key IS DISTINCT FROM goal -> v.key AND v.c IS NOT NULL LOOP
            command := format('ALTER %s %s %s', yesterday._object_word(kind), identity, clause);
            RETURN NEXT;
        END LOOP;
    END CASE;
END
$function$;
COMMENT ON FUNCTION yesterday._alter_commands(text, text, text, text, jsonb, jsonb) IS 'internal: commands that change a definition into another one';
REVOKE ALL ON FUNCTION yesterday._alter_commands(text, text, text, text, jsonb, jsonb) FROM PUBLIC;

-- yesterday._mark_commands(kind, identity, now, goal): what a table has to say about its indexes, and its row
-- security: set at the end, when the indexes exist and the rows are back.
CREATE FUNCTION yesterday._mark_commands(kind text, identity text, now_def jsonb, goal jsonb) RETURNS SETOF text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('ALTER %s %s %s', yesterday._object_word(kind), identity, m.clause)
    FROM (VALUES
        (now_def -> 'replica_identity' IS DISTINCT FROM goal -> 'replica_identity'
         OR now_def -> 'replica_index' IS DISTINCT FROM goal -> 'replica_index',
         'REPLICA IDENTITY ' || CASE WHEN goal ? 'replica_index' THEN format('USING INDEX %I', goal ->> 'replica_index')
                                     ELSE coalesce(upper(goal ->> 'replica_identity'), 'DEFAULT') END),
        (now_def -> 'clustered_on' IS DISTINCT FROM goal -> 'clustered_on',
         CASE WHEN goal ? 'clustered_on' THEN format('CLUSTER ON %I', goal ->> 'clustered_on')
              ELSE 'SET WITHOUT CLUSTER' END),
        (now_def -> 'row_security' IS DISTINCT FROM goal -> 'row_security',
         CASE WHEN goal ? 'row_security' THEN 'ENABLE ROW LEVEL SECURITY' ELSE 'DISABLE ROW LEVEL SECURITY' END),
        (now_def -> 'force_row_security' IS DISTINCT FROM goal -> 'force_row_security',
         CASE WHEN goal ? 'force_row_security' THEN 'FORCE ROW LEVEL SECURITY' ELSE 'NO FORCE ROW LEVEL SECURITY' END)
    ) AS m (wanted, clause)
    WHERE m.wanted
$function$;
COMMENT ON FUNCTION yesterday._mark_commands(text, text, jsonb, jsonb) IS 'internal: commands for replica identity, clustering and row security of a table';
REVOKE ALL ON FUNCTION yesterday._mark_commands(text, text, jsonb, jsonb) FROM PUBLIC;

-- yesterday._to_typed_tables(type): what ALTER TYPE has to say for tables of a type to follow.
CREATE FUNCTION yesterday._to_typed_tables(identity text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN EXISTS (SELECT FROM pg_class c WHERE c.reloftype = to_regtype(identity)) THEN ' CASCADE' ELSE '' END
$function$;
COMMENT ON FUNCTION yesterday._to_typed_tables(text) IS 'internal: CASCADE, where tables follow their type';
REVOKE ALL ON FUNCTION yesterday._to_typed_tables(text) FROM PUBLIC;
