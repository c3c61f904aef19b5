-- yesterday._plan_steps(deployment, phase): the plan as commands, in order. Owners, privileges,
-- comments and marks come last of all: they need everything, and nothing needs them.
CREATE FUNCTION yesterday._plan_steps(deployment bigint, phase text)
RETURNS TABLE (phase_of_step text, node integer, owner name, command text, fallback text, reads name[],
               refers jsonb, within name, subject text, outcome text, kind text, identity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    todo record;
    step record;
    -- arrays, which grow in place: a thousand tables have tens of thousands of comments
    late jsonb[] := '{}';
    -- steps after the rows of an action before them: checks of a domain, ATTACH PARTITION
    deferred jsonb[] := '{}';
    -- after those: the rows that a foreign key refers to are in partitions
    referring jsonb[] := '{}';
    partitioned_anew text[] := ARRAY(SELECT r.goal_identity FROM yesterday.plan_node r
                                     WHERE r.deployment = $1 AND r.kind = 'table' AND r.action IN ('create', 'rebuild') AND r.goal_def ? 'partitioned');
    as_json jsonb;
BEGIN
    FOR todo IN
        SELECT a.phase AS after_rows, a.action % 2 = 0 AS is_drop, p.*,
               -- parts of a table are made by whom it belongs to at that moment; statistics have an owner of their own
               coalesce(made.goal_owner, t.owner, p.goal_owner, current_user) AS maker,
               CASE WHEN p.kind = 'statistics' THEN coalesce(p.now_owner, current_user)
                    ELSE coalesce(t.owner, p.now_owner, current_user) END AS holder
        FROM yesterday.plan_action a
        JOIN yesterday.plan_node p ON p.deployment = $1 AND p.node = a.action / 2
        LEFT JOIN yesterday.schema_object t ON t.deployment = $1 AND t.phase = $2
                                           AND t.classid = 'pg_class'::regclass AND t.identity = p.goal_table
        LEFT JOIN yesterday.plan_node made ON made.deployment = $1 AND made.kind IN ('table', 'foreign table')
                                          AND made.action IN ('create', 'rebuild') AND made.goal_identity = p.goal_table
        WHERE a.deployment = $1
          -- of a table that changes, most columns have a place in the order and nothing else
          AND NOT (p.action = 'none' AND p.kind IN ('column', 'default', 'not null'))
        ORDER BY a.phase, a.round, a.action % 2, p.kind, coalesce(p.now_identity, p.goal_identity)
    LOOP
        node := todo.node;
        kind := todo.kind;
        identity := coalesce(todo.goal_identity, todo.now_identity);
        within := todo.schema_name;
        subject := todo.kind || ' ' || identity;
        outcome := CASE WHEN todo.reason = 'displaced' THEN 'displaced' WHEN todo.action = 'drop' THEN 'dropped'
                        WHEN todo.action IN ('create', 'recreate', 'retype') THEN 'recreated'
                        WHEN todo.action = 'rebuild' THEN 'rebuilt' ELSE 'altered' END;
        FOR step IN
            -- what refers to a partitioned table refers to each partition, and would have to go with it
            SELECT 'structure' AS stage, coalesce(parent.owner, todo.holder) AS run_as,
                   format('ALTER TABLE %s DETACH PARTITION %s', todo.now_def ->> 'partition_of', todo.now_identity) AS command,
                   NULL::text AS fallback, '{}'::name[] AS reads
            FROM yesterday.schema_object parent
            WHERE todo.is_drop AND todo.action = 'drop' AND todo.kind IN ('table', 'foreign table') AND todo.now_def ? 'partition_of'
              AND parent.deployment = $1 AND parent.phase = $2 AND parent.classid = 'pg_class'::regclass
              AND parent.identity = todo.now_def ->> 'partition_of'
              AND EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = todo.objid AND k.conparentid <> 0)
            UNION ALL
            SELECT 'structure', todo.holder, c.command, NULL, '{}'
            FROM yesterday._detach_commands($1, todo.node, $2) c
            WHERE todo.is_drop AND todo.action = 'rebuild'
            UNION ALL
            SELECT 'structure', todo.maker,
                   CASE WHEN todo.kind = 'table' THEN format('DROP TABLE %s', yesterday._aside_name($1, todo.node, todo.now_identity)) END, NULL, '{}'
            WHERE todo.is_drop AND todo.action = 'rebuild' AND yesterday._has_rows_aside($1, todo.now_identity)
            UNION ALL
            SELECT 'structure', todo.holder,
                   CASE WHEN todo.is_drop THEN
                       yesterday._drop_command(todo.kind, todo.now_identity, todo.now_name, todo.now_table) END,
                   NULL, '{}'
            WHERE todo.is_drop AND todo.kind <> 'default privileges' AND todo.action <> 'rebuild'
            UNION ALL
            -- a schema that goes takes those in it with it
            SELECT 'structure', a.owner, a.command, NULL, '{}'
            FROM yesterday._attribute_commands('default privileges', todo.now_identity, todo.now_def, '{}', todo.now_owner,
                                               todo.now_owner, todo.schema_name) a
            WHERE todo.is_drop AND todo.kind = 'default privileges' AND todo.action = 'drop'
            UNION ALL
            SELECT c.* FROM yesterday._make_commands($1, todo.node, $2, todo.maker, todo.holder) c
            WHERE NOT todo.is_drop
        LOOP
            owner := step.run_as;
            command := CASE WHEN todo.kind IN ('constraint', 'index', 'view', 'materialized view', 'rule', 'policy', 'trigger',
                                               'default', 'statistics', 'domain', 'table', 'column')
                            THEN yesterday._exact_text(step.command) ELSE step.command END;
            fallback := yesterday._exact_text(step.fallback);
            reads := step.reads;
            refers := CASE WHEN todo.kind = 'constraint' AND NOT todo.is_drop AND step.stage <> 'late' THEN
                todo.goal_def -> 'refers' || jsonb_build_object('child', todo.goal_table, 'name', todo.goal_name,
                                                                'validate', NOT todo.goal_def ? 'valid') END;
            as_json := jsonb_build_object('node', node, 'owner', owner, 'command', command, 'fallback', fallback, 'refers', refers, 'within', within,
                           'subject', subject, 'outcome', outcome, 'kind', kind, 'identity', identity);
            IF step.stage = 'late' THEN
                late := array_append(late, as_json);
            ELSIF todo.kind = 'constraint' AND NOT todo.is_drop AND todo.goal_def #>> '{refers,table}' = ANY (partitioned_anew) THEN
                referring := array_append(referring, as_json);
            ELSIF step.stage = 'constraint' AND todo.after_rows = 0 AND todo.reason <> 'around' THEN
                deferred := array_append(deferred, as_json);
            ELSE
                phase_of_step := CASE WHEN todo.after_rows = 1 THEN 'constraint' ELSE 'structure' END;
                RETURN NEXT;
            END IF;
        END LOOP;
    END LOOP;

    late := late || ARRAY(SELECT jsonb_build_object(
                              'owner', c.owner, 'command', c.command, 'subject', 'trigger ' || c.identity, 'outcome', 'altered', 'kind', 'trigger',
                              'identity', c.identity)
                          FROM yesterday._clone_commands($1) c);
    phase_of_step := 'constraint';
    reads := '{}';
    FOR step IN SELECT x FROM unnest(deferred || referring || late) x LOOP
        node := (step.x ->> 'node')::integer;
        owner := step.x ->> 'owner';
        command := step.x ->> 'command';
        fallback := step.x ->> 'fallback';
        refers := NULLIF(step.x -> 'refers', 'null');
        within := step.x ->> 'within';
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

-- yesterday._make_commands(deployment, node, phase, maker, holder): the commands that create or change
-- one object of the plan, with its attributes.
--   maker   owner of the object, or of its table, once it is made    holder   its owner now
CREATE FUNCTION yesterday._make_commands(deployment bigint, node integer, phase text, maker name, holder name)
RETURNS TABLE (stage text, run_as name, command text, fallback text, reads name[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    todo yesterday.plan_node;
    is_new boolean;
    lacking boolean;        -- what publications tell its rows apart by, while they are put back
    acl jsonb;
BEGIN
    SELECT p.* INTO STRICT todo FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2;
    is_new := todo.action IN ('create', 'recreate', 'rebuild', 'retype');
    lacking := todo.kind = 'table' AND yesterday._lacks_identity($1, $2);
    IF lacking AND NOT is_new THEN
        RETURN QUERY SELECT 'structure', holder, format('ALTER TABLE %s REPLICA IDENTITY FULL', todo.goal_identity), NULL::text, '{}'::name[];
    END IF;
    IF todo.kind = 'default privileges' THEN
        NULL;
    ELSIF todo.kind IN ('table', 'foreign table') AND is_new THEN
        -- so that one role may read the old one, write the new one, and drop the old one
        RETURN QUERY SELECT 'structure', current_user, format('ALTER %s %s OWNER TO %I', yesterday._object_word(todo.kind), todo.now_identity, todo.goal_owner),
                            NULL::text, '{}'::name[]
            WHERE todo.action = 'rebuild' AND todo.now_owner <> todo.goal_owner;
        RETURN QUERY SELECT c.stage, CASE WHEN c.command LIKE 'CREATE %' OR c.command LIKE 'INSERT %' THEN maker
                                          ELSE coalesce(todo.goal_owner, maker) END, c.command, c.fallback, c.reads
            FROM yesterday._table_commands($1, $2, $3) c;
        RETURN QUERY SELECT c.stage, c.run_as, c.command, NULL::text, '{}'::name[] FROM yesterday._attach_commands($1, $2, $3, coalesce(todo.goal_owner, maker)) c
            WHERE todo.action = 'rebuild';
        RETURN QUERY SELECT 'structure', coalesce(todo.goal_owner, maker), format('ALTER TABLE %s REPLICA IDENTITY FULL', todo.goal_identity), NULL::text, '{}'::name[]
            WHERE lacking;
    ELSIF todo.kind = 'schema' AND is_new THEN
        -- it is there where something that moves back has needed it
        RETURN QUERY SELECT 'structure', current_user,
                            format(CASE WHEN to_regnamespace(todo.goal_identity) IS NULL
                                          OR EXISTS (SELECT FROM yesterday.plan_node q WHERE q.deployment = $1 AND q.kind = 'schema'
                                                       AND q.action = 'drop' AND q.now_identity = todo.goal_identity)
                                        THEN 'CREATE SCHEMA %s AUTHORIZATION %I' ELSE 'ALTER SCHEMA %s OWNER TO %I' END,
                                   todo.goal_identity, todo.goal_owner),
                            NULL::text, '{}'::name[];
    ELSIF todo.kind = 'server' AND is_new THEN
        -- its owner need not be allowed to use the wrapper, once it is there; the wrapper's validator is called
        RETURN QUERY SELECT c.stage, yesterday._planned_owner($1, $3, 'foreign-data wrapper', todo.goal_def ->> 'wrapper'),
                            c.command, NULL::text, '{}'::name[]
            FROM yesterday._create_commands(todo.kind, todo.goal_identity, todo.goal_name, NULL, todo.goal_def) c
            UNION ALL
            SELECT 'structure', current_user, format('ALTER SERVER %s OWNER TO %I', todo.goal_identity, todo.goal_owner), NULL, '{}';
    ELSIF todo.kind = 'user mapping' AND is_new THEN
        RETURN QUERY SELECT c.stage, yesterday._planned_owner($1, $3, 'server', todo.goal_def ->> 'server'),
                            c.command, NULL::text, '{}'::name[]
            FROM yesterday._create_commands(todo.kind, todo.goal_identity, todo.goal_name, NULL, todo.goal_def) c;
    ELSIF todo.kind = 'sequence' AND is_new THEN
        RETURN QUERY SELECT c.stage, maker, c.command, c.fallback, '{}'::name[]
            FROM yesterday._create_commands('sequence', todo.goal_identity, todo.goal_name, NULL,
                todo.goal_def || coalesce((SELECT jsonb_build_object('next_value', yesterday._next_position(s.last_value, todo.goal_def))
                                           FROM yesterday.saved_sequence s
                                           WHERE s.deployment = $1 AND s.objid = todo.bobjid AND s.last_value IS NOT NULL), '{}')) c;
    ELSIF todo.kind = 'column' AND is_new AND yesterday._is_filled_by_type($1, $2) THEN
        RETURN QUERY SELECT c.stage, maker, d.command, c.fallback, '{}'::name[]
            FROM yesterday._create_commands(todo.kind, todo.goal_identity, todo.goal_name, todo.goal_table, todo.goal_def) c
            CROSS JOIN LATERAL (
                SELECT c.command || ' DEFAULT NULL' AS command WHERE c.command LIKE '% ADD COLUMN %'
                UNION ALL SELECT format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', todo.goal_table, todo.goal_name) WHERE c.command LIKE '% ADD COLUMN %'
                UNION ALL SELECT c.command WHERE c.command NOT LIKE '% ADD COLUMN %') d;
    ELSIF is_new OR (todo.kind = 'default' AND todo.action = 'alter') THEN
        -- the comment on a key's index comes when the table has its owner of before: it runs no code
        RETURN QUERY SELECT c.stage, CASE WHEN todo.kind = 'constraint' AND c.stage = 'late' THEN current_user ELSE maker END, c.command, c.fallback, '{}'::name[]
            FROM yesterday._create_commands(todo.kind, todo.goal_identity, todo.goal_name, todo.goal_table, todo.goal_def) c;
        IF todo.kind = 'column' THEN
            RETURN QUERY SELECT 'structure', holder, c.command, NULL::text, c.reads
                FROM yesterday._fill_commands($1, $2) f
                CROSS JOIN LATERAL (
                    SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', todo.goal_table) AS command, '{}'::name[] AS reads
                    WHERE yesterday._lacks_identity($1, todo.parent)
                    UNION ALL SELECT f.command, f.reads) c;
        END IF;
    ELSIF todo.action = 'alter' AND todo.kind = 'not null' THEN
        RETURN QUERY SELECT c.stage, holder, c.command, NULL::text, '{}'::name[]
            FROM yesterday._not_null_commands(todo.goal_table, todo.goal_name, todo.now_def, todo.goal_def) c;
    ELSIF todo.action = 'alter' AND todo.kind = 'column' THEN
        -- an identity comes back after the NOT NULL that it needs
        RETURN QUERY SELECT CASE WHEN c LIKE '%ADD GENERATED%' THEN 'late' ELSE 'structure' END, holder, c, NULL::text, '{}'::name[]
            FROM yesterday._column_commands(todo.goal_table, todo.now_def, todo.goal_def) c
            UNION ALL
            SELECT 'late', holder, format('ALTER SEQUENCE %s RESTART WITH %s', s.identity,
                       yesterday._next_position(s.last_value, todo.goal_def -> 'identity')), NULL, '{}'
            FROM yesterday.saved_sequence s
            WHERE s.deployment = $1 AND s.identity = todo.goal_def #>> '{identity,sequence}' AND s.last_value IS NOT NULL
              -- one of the deployment's own that nobody has used goes on, too, where that of before stood
              AND (NOT todo.now_def ? 'identity' OR yesterday._last_position(to_regclass(todo.now_def #>> '{identity,sequence}')) IS NULL);
    ELSIF todo.action = 'alter' THEN
        -- the database's owner may not set what a superuser has set on it
        RETURN QUERY SELECT c.stage, CASE WHEN todo.kind IN ('database', 'constraint') THEN current_user ELSE holder END, c.command, c.fallback, '{}'::name[]
            FROM yesterday._alter_commands(todo.kind, todo.goal_identity, todo.goal_name, todo.goal_table, todo.now_def,
                todo.goal_def || coalesce((
                    SELECT jsonb_build_object('restart', p.next_value) FROM yesterday.sequence_position p
                    WHERE p.deployment = $1 AND p.relid = todo.bobjid AND p.restarted AND todo.kind = 'sequence'
                      AND p.set_to = yesterday._next_value(todo.objid)), '{}')) c;
    END IF;

    IF todo.kind = 'schema' AND (is_new OR todo.now_owner = todo.goal_owner) THEN
        acl := yesterday._acl_items(acldefault('n', (SELECT r.oid FROM pg_roles r WHERE r.rolname = todo.goal_owner)));
        acl := yesterday._acl_of_makers(coalesce(CASE WHEN NOT is_new THEN todo.now_def -> 'acl' END, acl),
                                          coalesce(todo.goal_def -> 'acl', acl));
        IF acl IS NOT NULL THEN
            RETURN QUERY SELECT 'structure', (i ->> 'by')::name, format('GRANT %s ON SCHEMA %s TO %s', p, todo.goal_identity,
                                                                coalesce(quote_ident(i ->> 'to'), 'PUBLIC')), NULL::text, '{}'::name[]
                FROM jsonb_array_elements(acl) i CROSS JOIN unnest('{CREATE,USAGE}'::text[]) p
                WHERE i -> 'privileges' ? p AND NOT coalesce(todo.now_def -> 'acl' @> jsonb_build_array(i), false)
                  AND i ->> 'to' IS DISTINCT FROM todo.goal_owner;
            todo.now_def := jsonb_set(CASE WHEN is_new THEN '{}' ELSE todo.now_def END, '{acl}', acl);
            is_new := false;
            todo.now_owner := todo.goal_owner;
        END IF;
    END IF;
    IF todo.kind IN ('column', 'default', 'not null') THEN
        RETURN;                         -- the table has the attributes of its columns
    END IF;
    IF todo.kind = 'table' THEN
        RETURN QUERY SELECT 'late', coalesce(i.owner, current_user), i.command, NULL::text, '{}'::name[]
            FROM yesterday._identity_commands(CASE WHEN NOT is_new THEN todo.now_def END, todo.goal_def, todo.now_owner, todo.goal_owner) i;
    END IF;
    IF todo.kind IN ('table', 'materialized view') THEN
        RETURN QUERY SELECT 'late', CASE WHEN is_new THEN maker ELSE holder END, m, NULL::text, '{}'::name[]
            FROM yesterday._mark_commands(todo.kind, todo.goal_identity,
                CASE WHEN is_new THEN '{}' ELSE yesterday._marks_left($1, todo.now_def, todo.goal_identity) END
                || CASE WHEN lacking THEN '{"replica_identity": "full", "replica_index": null}' ELSE '{}' END::jsonb, todo.goal_def) m;
    END IF;
    RETURN QUERY SELECT 'late', coalesce(a.owner, current_user), a.command, NULL::text, '{}'::name[]
        FROM yesterday._attribute_commands(todo.kind, todo.goal_identity,
            CASE WHEN is_new AND todo.kind <> 'default privileges' THEN '{}' ELSE coalesce(todo.now_def, '{}') END,
            todo.goal_def, CASE WHEN NOT is_new THEN todo.now_owner WHEN todo.kind = 'statistics' THEN maker ELSE todo.goal_owner END,
            todo.goal_owner, todo.schema_name) a;
END
$function$;
COMMENT ON FUNCTION yesterday._make_commands(bigint, integer, text, name, name) IS 'internal: commands that create or change one object of a plan';
REVOKE ALL ON FUNCTION yesterday._make_commands(bigint, integer, text, name, name) FROM PUBLIC;

-- yesterday._fill_commands(deployment, node): the command that fills a column which comes back to a table that is not made anew, from the
-- copy of its values. Rows under capture get theirs one by one. None where code of somebody would run for each row, or
-- rows could not be seen: the values stay in the copy.
CREATE FUNCTION yesterday._fill_commands(deployment bigint, node integer) RETURNS TABLE (command text, reads name[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('UPDATE ONLY %s AS b SET %I = s.c%s::%s FROM yesterday_shadow.%I s WHERE %s', p.goal_table, p.goal_name, p.bobjsubid,
                  p.goal_def ->> 'type', s.shadow_name,
                  (SELECT string_agg(format('b.%I::text = s.c%s::text', c ->> 'name', c ->> 'num'), ' AND ')
                   FROM jsonb_array_elements(b.definition -> 'columns') c WHERE (c ->> 'num')::smallint = ANY (s.key_columns))),
           ARRAY[s.shadow_name]
    FROM yesterday.plan_node p
    JOIN yesterday.saved_table s ON s.deployment = $1 AND s.relid = p.bobjid AND s.event <> 'drop' AND s.rows > 0 AND NOT s.emptied
                                AND p.bobjsubid::smallint = ANY (s.lost) AND s.key_columns <> '{}'
    JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = 'pg_class'::regclass AND b.objid = p.bobjid
    JOIN pg_class r ON r.oid = p.objid AND NOT r.relforcerowsecurity
    WHERE p.deployment = $1 AND p.node = $2 AND p.bobjsubid > 0 AND NOT p.goal_def ? 'expression'
      AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = r.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 16 = 16)
      AND NOT EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = r.oid AND w.ev_type = '2' AND w.ev_enabled <> 'D')
      AND NOT EXISTS (SELECT FROM unnest(s.key_columns) k WHERE NOT EXISTS (
                      SELECT FROM jsonb_array_elements(b.definition -> 'columns') c
                      JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = c ->> 'name' AND NOT a.attisdropped
                      WHERE (c ->> 'num')::smallint = k))
    ORDER BY s.id DESC LIMIT 1
$function$;
COMMENT ON FUNCTION yesterday._fill_commands(bigint, integer) IS 'internal: command that fills a column that comes back where it is not made anew';
REVOKE ALL ON FUNCTION yesterday._fill_commands(bigint, integer) FROM PUBLIC;

-- yesterday._planned_owner(deployment, phase, kind, name): who an object without a schema belongs to once the plan has
-- run so far: what a command calls of its functions must not run as anybody mightier.
CREATE FUNCTION yesterday._planned_owner(deployment bigint, phase text, kind text, object_name text) RETURNS name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce((SELECT p.goal_owner FROM yesterday.plan_node p
                     WHERE p.deployment = $1 AND p.kind = $3 AND p.goal_name = $4),
                    (SELECT o.owner FROM yesterday.schema_object o
                     WHERE o.deployment = $1 AND o.phase = $2 AND o.kind = $3 AND o.object_name = $4),
                    current_user)
$function$;
COMMENT ON FUNCTION yesterday._planned_owner(bigint, text, text, text) IS 'internal: owner of an object in a plan';
REVOKE ALL ON FUNCTION yesterday._planned_owner(bigint, text, text, text) FROM PUBLIC;

-- yesterday._is_filled_by_type(deployment, node): a column that comes back to a table under capture without a key, and whose domain has a default: rows
-- that the deployment has left would get it, and look like none of their records any more.
CREATE FUNCTION yesterday._is_filled_by_type(deployment bigint, node integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT NOT p.goal_def ?| '{expression,identity}'::text[]
           AND EXISTS (SELECT FROM yesterday.schema_object y WHERE y.deployment = $1 AND y.phase = 'before' AND y.kind = 'domain'
                         AND y.identity = p.goal_def ->> 'type' AND y.definition ? 'default' AND NOT y.definition ? 'not_null')
           AND EXISTS (SELECT FROM yesterday.captured_table c
                       WHERE c.deployment = $1 AND c.relid = p.bobjid AND NOT c.business AND c.key_kind = 'row')
    FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2
$function$;
COMMENT ON FUNCTION yesterday._is_filled_by_type(bigint, integer) IS 'internal: a column whose type would fill it as it comes back';
REVOKE ALL ON FUNCTION yesterday._is_filled_by_type(bigint, integer) FROM PUBLIC;

-- yesterday._lacks_identity(deployment, node): a table of the plan that publications can have, and whose rows they cannot tell apart while these
-- are put back: its key comes back after them. Until then whole rows are its replica identity.
CREATE FUNCTION yesterday._lacks_identity(deployment bigint, node integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (SELECT FROM pg_publication) AND NOT p.goal_def ? 'partitioned' AND p.goal_def ->> 'replica_identity' IS DISTINCT FROM 'full'
           AND (p.action IN ('create', 'rebuild')
                OR p.now_def ->> 'replica_identity' IS DISTINCT FROM 'full'
                   AND (p.now_def -> 'replica_identity' IS DISTINCT FROM p.goal_def -> 'replica_identity'
                        OR p.now_def -> 'replica_index' IS DISTINCT FROM p.goal_def -> 'replica_index'
                        OR NOT EXISTS (SELECT FROM pg_index i
                                       WHERE i.indrelid = p.objid AND CASE WHEN p.now_def ? 'replica_index' THEN i.indisreplident ELSE i.indisprimary END)
                        OR EXISTS (SELECT FROM yesterday.plan_node q
                                   WHERE q.deployment = $1 AND q.kind IN ('index', 'constraint') AND q.action IN ('drop', 'recreate')
                                     AND q.now_table = p.now_identity
                                     AND CASE WHEN p.now_def ? 'replica_index' THEN q.now_name = p.now_def ->> 'replica_index'
                                              ELSE q.now_def ->> 'type' = 'p' END)))
           -- of a list of columns a whole row is no identity
           AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prrelid = p.objid AND r.prattrs IS NOT NULL)
           -- with rows to put back, or values to fill in
           AND (EXISTS (SELECT FROM yesterday.captured_table c WHERE c.deployment = $1 AND c.relid IN (p.bobjid, p.aobjid, p.objid))
                OR EXISTS (SELECT FROM yesterday.saved_table s WHERE s.deployment = $1 AND s.relid = p.bobjid AND s.event <> 'drop'))
    FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2
$function$;
COMMENT ON FUNCTION yesterday._lacks_identity(bigint, integer) IS 'internal: a published table without a replica identity while its rows are put back';
REVOKE ALL ON FUNCTION yesterday._lacks_identity(bigint, integer) FROM PUBLIC;

-- yesterday._marks_left(deployment, definition, table): a table's definition without the marks that go when the
-- plan drops, or makes anew, the index that they name.
CREATE FUNCTION yesterday._marks_left(deployment bigint, def jsonb, table_identity text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT def ?| '{clustered_on,replica_index}' THEN
        RETURN def;
    END IF;
    RETURN def - ARRAY(SELECT k FROM unnest('{clustered_on,replica_index}'::text[]) k
                       WHERE EXISTS (SELECT FROM yesterday.plan_node p
                                     WHERE p.deployment = $1 AND p.kind IN ('index', 'constraint')
                                       AND p.action IN ('drop', 'recreate') AND p.now_table = table_identity
                                       AND p.now_name = def ->> k));
END
$function$;
COMMENT ON FUNCTION yesterday._marks_left(bigint, jsonb, text) IS 'internal: marks that survive the plan';
REVOKE ALL ON FUNCTION yesterday._marks_left(bigint, jsonb, text) FROM PUBLIC;

