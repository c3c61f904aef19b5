-- yesterday._create_commands(kind, identity, name, table, definition): the commands that make an
-- object as an image has it, without what _attribute_commands() adds (owner, ACL, comment).
--   stage   structure: before rows are put back; constraint: after; late: at the very end
-- A name is always written out: what the server would choose depends on what exists.
CREATE FUNCTION yesterday._create_commands(kind text, identity text, object_name text,
                                           table_identity text, def jsonb)
RETURNS TABLE (stage text, command text, fallback text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    col jsonb;
    local_columns text;
    options text := yesterday._option_list(def -> 'options');
BEGIN
    stage := 'structure';
    CASE kind
    WHEN 'schema' THEN
        command := format('CREATE SCHEMA %s', identity); RETURN NEXT;

    WHEN 'extension' THEN
        command := format('CREATE EXTENSION %s SCHEMA %s VERSION %L', identity, def ->> 'schema',
                          def ->> 'version');
        RETURN NEXT;

    WHEN 'enum' THEN
        command := format('CREATE TYPE %s AS ENUM (%s)', identity,
            (SELECT string_agg(quote_literal(l.value), ', ' ORDER BY l.ordinality)
             FROM jsonb_array_elements_text(def -> 'labels') WITH ORDINALITY AS l));
        RETURN NEXT;

    WHEN 'composite type' THEN
        command := format('CREATE TYPE %s AS (%s)', identity,
            (SELECT string_agg(concat_ws(' ', quote_ident(a.value ->> 'name'), a.value ->> 'type',
                                         'COLLATE ' || (a.value ->> 'collation')), ', ' ORDER BY a.ordinality)
             FROM jsonb_array_elements(def -> 'attributes') WITH ORDINALITY AS a));
        RETURN NEXT;
        stage := 'late';
        FOR col IN SELECT a FROM jsonb_array_elements(def -> 'attributes') a WHERE a ? 'comment' LOOP
            command := format('COMMENT ON COLUMN %s.%I IS %L', identity, col ->> 'name', col ->> 'comment');
            RETURN NEXT;
        END LOOP;

    WHEN 'domain' THEN
        command := concat_ws(' ', format('CREATE DOMAIN %s AS %s', identity, def ->> 'base'),
            'COLLATE ' || (def ->> 'collation'), 'DEFAULT ' || (def ->> 'default'),
            CASE WHEN def ? 'not_null' AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(def -> 'constraints') k
                WHERE k ->> 'definition' LIKE 'NOT NULL%') THEN 'NOT NULL' END,
            (SELECT string_agg(format('CONSTRAINT %I %s', k ->> 'name', k ->> 'definition'), ' ')
             FROM jsonb_array_elements(def -> 'constraints') k
             WHERE k ->> 'definition' NOT LIKE '%NOT VALID'));
        RETURN NEXT;
        FOR col IN SELECT k FROM jsonb_array_elements(def -> 'constraints') k LOOP
            IF col ->> 'definition' LIKE '%NOT VALID' THEN
                command := format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', identity, col ->> 'name',
                                  col ->> 'definition');
                RETURN NEXT;
            END IF;
            IF col ? 'comment' THEN
                stage := 'late';
                command := format('COMMENT ON CONSTRAINT %I ON DOMAIN %s IS %L', col ->> 'name',
                                  identity, col ->> 'comment');
                RETURN NEXT;
                stage := 'structure';
            END IF;
        END LOOP;

    WHEN 'range' THEN
        command := format('CREATE TYPE %s AS RANGE (%s)', identity, concat_ws(', ',
            'SUBTYPE = ' || (def ->> 'subtype'), 'SUBTYPE_OPCLASS = ' || (def ->> 'opclass'),
            'COLLATION = ' || (def ->> 'collation'), 'CANONICAL = ' || (def ->> 'canonical'),
            'SUBTYPE_DIFF = ' || (def ->> 'subtype_diff'),
            'MULTIRANGE_TYPE_NAME = ' || (def ->> 'multirange')));
        RETURN NEXT;

    WHEN 'function', 'procedure', 'aggregate' THEN
        command := def ->> 'create'; RETURN NEXT;

    WHEN 'sequence' THEN
        command := format('CREATE %sSEQUENCE %s AS %s %s',
                          CASE def ->> 'persistence' WHEN 'u' THEN 'UNLOGGED ' ELSE '' END,
                          identity, def ->> 'type', yesterday._sequence_options(def));
        RETURN NEXT;
        IF def ? 'owned_by' THEN
            command := format('ALTER SEQUENCE %s OWNED BY %s', identity, def ->> 'owned_by');
            RETURN NEXT;
        END IF;
        IF def ? 'next_value' THEN
            command := format('ALTER SEQUENCE %s RESTART WITH %s', identity, def ->> 'next_value');
            RETURN NEXT;
        END IF;

    WHEN 'table', 'foreign table' THEN
        -- a column of the parents has a NOT NULL of the table's own beside theirs as a constraint of the table
        SELECT string_agg(CASE WHEN def ? 'inherits' AND c.value ? 'local'
                               THEN concat_ws(' ', yesterday._own_not_null(c.value), quote_ident(c.value ->> 'name'))
                               ELSE concat_ws(' ', yesterday._column_definition(c.value),
                                              CASE WHEN def ? 'inherits' THEN yesterday._own_not_null(c.value) END) END, ', ' ORDER BY c.ordinality)
        INTO local_columns
        FROM jsonb_array_elements(def -> 'columns') WITH ORDINALITY AS c
        WHERE NOT def ? 'inherits' OR NOT c.value ? 'local' OR yesterday._own_not_null(c.value) IS NOT NULL;
        command := concat_ws(' ',
            CASE WHEN kind = 'foreign table' THEN 'CREATE FOREIGN TABLE'
                 WHEN def ->> 'persistence' = 'u' THEN 'CREATE UNLOGGED TABLE' ELSE 'CREATE TABLE' END,
            identity,
            CASE WHEN def ? 'of_type' THEN format('OF %s', def ->> 'of_type')
                 ELSE format('(%s)', coalesce(local_columns, '')) END,
            CASE WHEN def ? 'inherits' THEN format('INHERITS (%s)',
                (SELECT string_agg(p.value, ', ' ORDER BY p.ordinality)
                 FROM jsonb_array_elements_text(def -> 'inherits') WITH ORDINALITY AS p)) END,
            'PARTITION BY ' || (def ->> 'partitioned'),
            CASE WHEN kind = 'foreign table' THEN format('SERVER %I', def ->> 'server') END,
            CASE WHEN def ? 'fdw_options' THEN format('OPTIONS (%s)',
                (SELECT string_agg(format('%I %L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ')
                 FROM jsonb_array_elements_text(def -> 'fdw_options') o)) END,
            CASE WHEN def ? 'access_method' AND NOT def ? 'partitioned'
                 THEN format('USING %I', def ->> 'access_method') END,
            'WITH (' || NULLIF(concat_ws(', ', options,
                                         yesterday._option_list(def -> 'toast_options', 'toast.')), '') || ')',
            CASE WHEN def ? 'tablespace' THEN format('TABLESPACE %I', def ->> 'tablespace') END);
        RETURN NEXT;
        FOR col IN SELECT c FROM jsonb_array_elements(def -> 'columns') c LOOP
            RETURN QUERY SELECT 'structure', a, NULL::text
                FROM yesterday._column_storage_commands(identity, '{}', col) a;
        END LOOP;
        IF def ? 'partition_of' THEN
            stage := 'constraint';
            command := format('ALTER TABLE %s ATTACH PARTITION %s %s', def ->> 'partition_of',
                              identity, def ->> 'bound');
            RETURN NEXT;
        END IF;

    WHEN 'view' THEN
        command := concat_ws(' ', 'CREATE VIEW', identity, 'WITH (' || options || ')', 'AS', def ->> 'query');
        RETURN NEXT;
        FOR col IN SELECT c FROM jsonb_array_elements(def -> 'columns') c WHERE c ? 'default' LOOP
            command := format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', identity,
                              col ->> 'name', col ->> 'default');
            RETURN NEXT;
        END LOOP;

    WHEN 'materialized view' THEN
        stage := 'constraint';
        command := concat_ws(' ', 'CREATE MATERIALIZED VIEW', identity,
            format('USING %I', def ->> 'access_method'), 'WITH (' || options || ')',
            CASE WHEN def ? 'tablespace' THEN format('TABLESPACE %I', def ->> 'tablespace') END,
            'AS', rtrim(def ->> 'query', ';'),
            CASE WHEN (def ->> 'populated')::boolean THEN 'WITH DATA' ELSE 'WITH NO DATA' END);
        RETURN NEXT;
        FOR col IN SELECT c FROM jsonb_array_elements(def -> 'columns') c LOOP
            RETURN QUERY SELECT 'constraint', a, NULL::text
                FROM yesterday._column_storage_commands(identity, '{}', col, 'MATERIALIZED VIEW') a;
        END LOOP;

    WHEN 'index' THEN
        stage := 'constraint';
        command := def ->> 'create'; RETURN NEXT;
        IF def ? 'tablespace' THEN
            command := format('ALTER INDEX %s SET TABLESPACE %I', identity, def ->> 'tablespace');
            RETURN NEXT;
        END IF;
        FOR command IN SELECT format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', identity, s.key, s.value)
                       FROM jsonb_each_text(def -> 'statistics') s LOOP
            RETURN NEXT;
        END LOOP;
        IF def ? 'attached_to' THEN
            command := format('ALTER INDEX %s ATTACH PARTITION %s', def ->> 'attached_to', identity);
            RETURN NEXT;
        END IF;

    WHEN 'constraint' THEN
        stage := 'constraint';
        IF def ? 'index_create' THEN
            command := def ->> 'index_create'; RETURN NEXT;
            IF def ? 'tablespace' THEN
                command := format('ALTER INDEX %s.%I SET TABLESPACE %I',
                    yesterday._schema_part(table_identity), object_name, def ->> 'tablespace');
                RETURN NEXT;
            END IF;
            command := format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s USING INDEX %I%s', table_identity,
                object_name, CASE def ->> 'type' WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, object_name,
                substring(def ->> 'definition' FROM ' DEFERRABLE.*$'));
            RETURN NEXT;
        ELSE
            -- a partitioned table's key is that of its partitions: they get theirs by name, and attach it
            command := format('ALTER TABLE %s%s ADD CONSTRAINT %I %s',
                              CASE WHEN def ->> 'type' IN ('p', 'u', 'x') THEN 'ONLY ' ELSE '' END, table_identity,
                              object_name, def ->> 'definition');
            IF def ->> 'type' IN ('c', 'f') AND NOT def ? 'valid' THEN
                fallback := command || ' NOT VALID';
            END IF;
            RETURN NEXT;
            fallback := NULL;
        END IF;
        IF def ? 'attached_to' THEN
            command := format('ALTER INDEX %s ATTACH PARTITION %s.%I', def ->> 'attached_to',
                              yesterday._schema_part(table_identity), object_name);
            RETURN NEXT;
        END IF;
        IF def ? 'index_comment' THEN
            stage := 'late';
            command := format('COMMENT ON INDEX %s.%I IS %L', yesterday._schema_part(table_identity),
                              object_name, def ->> 'index_comment');
            RETURN NEXT;
        END IF;

    WHEN 'trigger' THEN
        stage := 'constraint';
        command := def ->> 'create'; RETURN NEXT;
        IF def ->> 'enabled' <> 'O' THEN
            command := yesterday._enable_command('TRIGGER', object_name, table_identity, def ->> 'enabled');
            RETURN NEXT;
        END IF;

    WHEN 'rule' THEN
        stage := 'constraint';
        command := rtrim(def ->> 'create', ';'); RETURN NEXT;
        IF def ->> 'enabled' <> 'O' THEN
            command := yesterday._enable_command('RULE', object_name, table_identity, def ->> 'enabled');
            RETURN NEXT;
        END IF;

    WHEN 'policy' THEN
        stage := 'constraint';
        command := concat_ws(' ', format('CREATE POLICY %s AS %s FOR %s TO %s', identity,
            CASE WHEN (def ->> 'permissive')::boolean THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            def ->> 'command', (SELECT string_agg(r, ', ') FROM jsonb_array_elements_text(def -> 'roles') r)),
            'USING (' || (def ->> 'using') || ')', 'WITH CHECK (' || (def ->> 'check') || ')');
        RETURN NEXT;

    WHEN 'statistics' THEN
        stage := 'constraint';
        command := def ->> 'create'; RETURN NEXT;
        IF def ? 'target' THEN
            command := format('ALTER STATISTICS %s SET STATISTICS %s', identity, def ->> 'target');
            RETURN NEXT;
        END IF;

    WHEN 'default' THEN
        command := format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', table_identity, object_name,
                          def ->> 'expression');
        RETURN NEXT;

    WHEN 'not null' THEN
        stage := 'constraint';
        IF def ? 'name' THEN
            command := format('ALTER TABLE %s ADD CONSTRAINT %I NOT NULL %I%s', table_identity,
                def ->> 'name', object_name, CASE WHEN def ? 'no_inherit' THEN ' NO INHERIT' ELSE '' END);
            fallback := command || ' NOT VALID';
            IF def ? 'valid' THEN
                command := fallback; fallback := NULL;
            END IF;
            RETURN NEXT;
            fallback := NULL;
            IF def ? 'comment' THEN
                stage := 'late';
                command := format('COMMENT ON CONSTRAINT %I ON %s IS %L', def ->> 'name',
                                  table_identity, def ->> 'comment');
                RETURN NEXT;
            END IF;
        ELSE
            command := format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', table_identity, object_name);
            RETURN NEXT;
        END IF;

    WHEN 'column' THEN
        command := format('ALTER TABLE %s ADD COLUMN %s', table_identity, yesterday._column_definition(def));
        RETURN NEXT;
        RETURN QUERY SELECT 'structure', a, NULL::text
            FROM yesterday._column_storage_commands(table_identity, '{}', def) a;

    ELSE
        IF def ? 'create' THEN
            command := def ->> 'create'; RETURN NEXT;
            FOR command IN SELECT c FROM jsonb_array_elements_text(def -> 'then') c LOOP
                RETURN NEXT;
            END LOOP;
            RETURN;
        END IF;
        RAISE EXCEPTION 'no command creates a %', kind
            USING ERRCODE = 'YD016', DETAIL = format('%s %s', kind, identity),
                  HINT = 'Leave this change out of the deployment.';
    END CASE;
END
$function$;
COMMENT ON FUNCTION yesterday._create_commands(text, text, text, text, jsonb) IS 'internal: commands that create an object from its definition';
REVOKE ALL ON FUNCTION yesterday._create_commands(text, text, text, text, jsonb) FROM PUBLIC;

