-- yesterday._rename_back(deployment, phase): gives everything that the deployment renamed or moved its name of before,
-- as the first thing of an inverse: names stand in the texts of other objects, which then
-- need no step of their own. Returns the commands that ran.
--
-- What has the wanted name now, because the deployment gave it to another object, is put aside; it goes, or is
-- renamed itself, afterwards. What others gave it to stays, under a name that says so (displaced).
CREATE FUNCTION yesterday._rename_back(deployment bigint, phase text)
RETURNS TABLE (owner name, command text, kind text, identity text, outcome text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_nestloop = on   -- look-ups by key, one by one
AS $function$
DECLARE
    item record;
    part record;
    live record;
    occupant record;
    aside integer := 0;
    new_name text;
    word text;
BEGIN
    FOR item IN
        SELECT * FROM yesterday._rename_candidates($1, $2)
    LOOP
        kind := item.kind_of;
        outcome := 'renamed';
        owner := CASE WHEN kind = 'schema' THEN current_user ELSE coalesce(item.holder, current_user) END;
        word := yesterday._object_word(kind);

        IF item.moved AND item.schema_now = item.schema_after THEN
            IF NOT EXISTS (SELECT FROM pg_namespace s WHERE s.nspname = item.schema_before) THEN
                owner := current_user;
                command := format('CREATE SCHEMA %I', item.schema_before);
                kind := 'schema';
                identity := quote_ident(item.schema_before);
                PERFORM yesterday._rename_as(owner, command);
                RETURN NEXT;
                kind := item.kind_of;
                owner := coalesce(item.holder, current_user);
            END IF;
            -- its indexes, and the sequences of its columns, move with a table
            FOR occupant IN
                SELECT o.*, l.object_name, moving.objid AS moving, moving.word AS moving_word, l.identity AS moving_identity,
                       -- what the deployment renamed as well, or made, stands in nobody's way under another name for now
                       coalesce(l.object_name <> yesterday._name_before($1, item.classid, moving.objid, item.bobjid, l.object_name),
                                EXISTS (SELECT FROM yesterday.schema_object b
                                        WHERE b.deployment = $1 AND b.phase = 'before' AND b.schema_name = item.schema_before
                                          AND b.object_name = l.object_name AND b.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass))) AS renamed
                FROM (
                    SELECT item.objid AS objid, word AS word
                    UNION SELECT i.indexrelid, 'INDEX' FROM pg_index i WHERE item.classid = 'pg_class'::regclass AND i.indrelid = item.objid
                    UNION SELECT d.objid, 'SEQUENCE' FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S'
                          WHERE item.classid = 'pg_class'::regclass AND d.classid = 'pg_class'::regclass
                            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = item.objid AND d.deptype IN ('a', 'i')) moving
                CROSS JOIN LATERAL yesterday._live_name(item.classid, moving.objid) l
                CROSS JOIN LATERAL yesterday._occupants(item.classid, moving.objid, item.schema_before, l.object_name) o
            LOOP
                aside := aside + 1;
                IF occupant.renamed THEN
                    command := format('ALTER %s %s RENAME TO %I', occupant.moving_word, occupant.moving_identity, format('yesterday_aside_%s_r%s', $1, aside));
                    identity := occupant.moving_identity;
                    PERFORM yesterday._rename_as(owner, command);
                    RETURN NEXT;
                    CONTINUE;
                END IF;
                owner := occupant.owner;
                SELECT n.name, n.outcome INTO new_name, outcome
                FROM yesterday._name_aside($1, item.classid, occupant.objid, item.schema_before, occupant.object_name, aside) n;
                command := format('ALTER %s %s RENAME TO %I', occupant.word, occupant.identity, new_name);
                identity := occupant.identity;
                PERFORM yesterday._rename_as(owner, command);
                RETURN NEXT;
                outcome := 'renamed';
                owner := coalesce(item.holder, current_user);
            END LOOP;
            live := yesterday._live_name(item.classid, item.objid);
            identity := live.identity;
            command := format('ALTER %s %s SET SCHEMA %I', word, live.identity, item.schema_before);
            PERFORM yesterday._rename_as(owner, command);
            RETURN NEXT;
        END IF;

        IF item.name_before <> item.name_after AND item.name_now = item.name_after THEN
            FOR owner, command, identity, outcome IN SELECT * FROM yesterday._put_occupants_aside($1, item.classid, item.objid,
                    (yesterday._live_name(item.classid, item.objid)).schema_name, item.name_before, aside)
                WHERE kind NOT IN ('constraint', 'trigger', 'rule', 'policy') LOOP
                aside := aside + 1;
                RETURN NEXT;
            END LOOP;
            outcome := 'renamed';
            owner := CASE WHEN kind = 'schema' THEN current_user ELSE coalesce(item.holder, current_user) END;
            live := yesterday._live_name(item.classid, item.objid);
            identity := live.identity;
            -- names of parts of a table are its own
            IF kind IN ('constraint', 'trigger', 'rule', 'policy')
               AND yesterday._part_of_name(kind, item.relation, item.name_before) <> item.objid THEN
                aside := aside + 1;
                SELECT n.name, n.outcome INTO new_name, outcome
                FROM yesterday._name_aside($1, item.classid, yesterday._part_of_name(kind, item.relation, item.name_before), NULL, item.name_before, aside) n;
                command := CASE WHEN kind = 'constraint'
                                THEN format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', item.relation::regclass, item.name_before, new_name)
                                ELSE format('ALTER %s %I ON %s RENAME TO %I', word, item.name_before, item.relation::regclass, new_name) END;
                identity := format('%I ON %s', item.name_before, item.relation::regclass);
                PERFORM yesterday._rename_as(owner, command);
                RETURN NEXT;
                outcome := 'renamed';
                identity := live.identity;
            END IF;
            command := CASE WHEN kind = 'constraint'
                            THEN format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', item.relation::regclass, live.object_name, item.name_before)
                            WHEN kind IN ('trigger', 'rule', 'policy')
                            THEN format('ALTER %s %I ON %s RENAME TO %I', word, live.object_name, item.relation::regclass, item.name_before)
                            ELSE format('ALTER %s %s RENAME TO %I', word, live.identity, item.name_before) END;
            PERFORM yesterday._rename_as(owner, command);
            RETURN NEXT;
        END IF;

        -- the sequences of identities: a table, or its schema, takes them with it
        FOR part IN SELECT * FROM yesterday._renamed_identities(item.objid, item.columns_before, item.columns_after, item.columns_now)
                    WHERE item.kind_of = 'table' LOOP
            live := yesterday._live_name(item.classid, part.objid);
            FOR owner, command, identity, outcome IN SELECT * FROM yesterday._put_occupants_aside($1, item.classid, part.objid, live.schema_name,
                                                                                         part.wanted, aside) LOOP
                aside := aside + 1;
                RETURN NEXT;
            END LOOP;
            outcome := 'renamed';
            owner := coalesce(item.holder, current_user);
            command := format('ALTER SEQUENCE %s RENAME TO %I', live.identity, part.wanted);
            identity := live.identity;
            PERFORM yesterday._rename_as(owner, command);
            RETURN NEXT;
        END LOOP;

        -- columns, attributes, labels: first those whose name another one has, under a name that is nobody's
        IF item.columns_before IS NOT NULL AND item.columns_before <> item.columns_after THEN
            FOR part IN
                SELECT b ->> 'name' AS wanted, n ->> 'name' AS current, row_number() OVER () AS place
                FROM jsonb_array_elements(item.columns_before) b
                JOIN jsonb_array_elements(item.columns_after) a ON a -> 'num' = b -> 'num'
                -- by name: the rollback of a later deployment can have made the column, or its table, anew
                JOIN jsonb_array_elements(item.columns_now) n ON n -> 'name' = a -> 'name'
                WHERE b -> 'name' <> a -> 'name'
                  -- what comes from a parent follows it, also where a child says it, too
                  AND NOT a ? 'local' AND NOT n ? 'inherited'
            LOOP
                identity := (yesterday._live_name(item.classid, item.objid)).identity;
                IF EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = item.objid AND t.attname = part.wanted AND NOT t.attisdropped) THEN
                    SELECT n.name, n.outcome INTO new_name, outcome
                    FROM yesterday._part_aside($1, part.wanted, item.columns_after, item.columns_now || item.columns_before) n;
                    command := format('ALTER %s %s RENAME COLUMN %I TO %I', word, identity, part.wanted, new_name);
                    PERFORM yesterday._rename_as(owner, command);
                    RETURN NEXT;
                    outcome := 'renamed';
                END IF;
                command := format('ALTER %s %s RENAME COLUMN %I TO %I', word, identity,
                    CASE WHEN EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = item.objid
                                      AND t.attname = yesterday._aside(part.current) AND NOT t.attisdropped)
                         THEN yesterday._aside(part.current) ELSE part.current END, part.wanted);
                PERFORM yesterday._rename_as(owner, command);
                RETURN NEXT;
            END LOOP;
        END IF;
        IF item.attributes_before IS NOT NULL AND item.attributes_before <> item.attributes_after THEN
            FOR part IN
                SELECT b ->> 'name' AS wanted, a ->> 'name' AS current
                FROM jsonb_array_elements(item.attributes_before) b
                JOIN jsonb_array_elements(item.attributes_after) a ON a -> 'num' = b -> 'num'
                JOIN jsonb_array_elements(item.attributes_now) n ON n -> 'name' = a -> 'name'
                WHERE b -> 'name' <> a -> 'name'
            LOOP
                identity := (yesterday._live_name(item.classid, item.objid)).identity;
                IF EXISTS (SELECT FROM pg_type y JOIN pg_attribute t ON t.attrelid = y.typrelid
                           WHERE y.oid = item.objid AND t.attname = part.wanted AND NOT t.attisdropped) THEN
                    SELECT n.name, n.outcome INTO new_name, outcome
                    FROM yesterday._part_aside($1, part.wanted, item.attributes_after, item.attributes_now || item.attributes_before) n;
                    command := format('ALTER TYPE %s RENAME ATTRIBUTE %I TO %I%s', identity, part.wanted, new_name,
                                      yesterday._to_typed_tables(identity));
                    PERFORM yesterday._rename_as(owner, command);
                    RETURN NEXT;
                    outcome := 'renamed';
                END IF;
                command := format('ALTER TYPE %s RENAME ATTRIBUTE %I TO %I%s', identity,
                    CASE WHEN EXISTS (SELECT FROM pg_type y JOIN pg_attribute t ON t.attrelid = y.typrelid
                                      WHERE y.oid = item.objid AND t.attname = yesterday._aside(part.current) AND NOT t.attisdropped)
                         THEN yesterday._aside(part.current) ELSE part.current END, part.wanted,
                    yesterday._to_typed_tables(identity));
                PERFORM yesterday._rename_as(owner, command);
                RETURN NEXT;
            END LOOP;
        END IF;
        IF item.labels_before IS NOT NULL AND item.ids_before IS NOT NULL THEN
            FOR part IN
                SELECT item.labels_before ->> (b.o - 1)::integer AS wanted, item.labels_after ->> (a.o - 1)::integer AS current
                FROM jsonb_array_elements(item.ids_before) WITH ORDINALITY AS b(id, o)
                JOIN jsonb_array_elements(item.ids_after) WITH ORDINALITY AS a(id, o) ON a.id = b.id
                WHERE item.labels_now ? (item.labels_after ->> (a.o - 1)::integer) AND item.labels_before -> (b.o - 1)::integer <> item.labels_after -> (a.o - 1)::integer
            LOOP
                identity := (yesterday._live_name(item.classid, item.objid)).identity;
                IF EXISTS (SELECT FROM pg_enum e WHERE e.enumtypid = item.objid AND e.enumlabel = part.wanted) THEN
                    SELECT n.name, n.outcome INTO new_name, outcome
                    FROM yesterday._part_aside($1, part.wanted, item.labels_after, item.labels_now || item.labels_before) n;
                    command := format('ALTER TYPE %s RENAME VALUE %L TO %L', identity, part.wanted, new_name);
                    PERFORM yesterday._rename_as(owner, command);
                    RETURN NEXT;
                    outcome := 'renamed';
                END IF;
                command := format('ALTER TYPE %s RENAME VALUE %L TO %L', identity,
                    CASE WHEN EXISTS (SELECT FROM pg_enum e WHERE e.enumtypid = item.objid AND e.enumlabel = yesterday._aside(part.current))
                         THEN yesterday._aside(part.current) ELSE part.current END, part.wanted);
                PERFORM yesterday._rename_as(owner, command);
                RETURN NEXT;
            END LOOP;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._rename_back(bigint, text) IS 'internal: gives objects and columns their names of before';
REVOKE ALL ON FUNCTION yesterday._rename_back(bigint, text) FROM PUBLIC;

-- yesterday._put_occupants_aside(deployment, class, object, schema, name, number): gives what has a name that another object is to get
-- one of its own for now, counted from the number on. Returns the commands that ran.
CREATE FUNCTION yesterday._put_occupants_aside(deployment bigint, classid oid, objid oid, schema_name text, object_name text, number integer)
RETURNS TABLE (owner name, command text, identity text, outcome text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    occupant record;
    new_name text;
BEGIN
    FOR occupant IN SELECT * FROM yesterday._occupants($2, $3, $4, $5) LOOP
        number := number + 1;
        owner := occupant.owner;
        SELECT n.name, n.outcome INTO new_name, outcome FROM yesterday._name_aside($1, $2, occupant.objid, $4, $5, number) n;
        command := format('ALTER %s %s RENAME TO %I', occupant.word, occupant.identity, new_name);
        identity := occupant.identity;
        PERFORM yesterday._rename_as(owner, command);
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._put_occupants_aside(bigint, oid, oid, text, text, integer) IS 'internal: gives what has a wanted name another one for now';
REVOKE ALL ON FUNCTION yesterday._put_occupants_aside(bigint, oid, oid, text, text, integer) FROM PUBLIC;

-- yesterday._name_aside(deployment, class, object, schema, name, number): the name that an object gets which has one that another is to get: for now
-- (renamed), or for good where it is neither the deployment's own nor one of before: somebody made it since (displaced).
CREATE FUNCTION yesterday._name_aside(deployment bigint, classid oid, objid oid, schema_name text, object_name text, number integer)
RETURNS TABLE (name text, outcome text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    since text := yesterday._since_name($1, $5);
BEGIN
    IF yesterday._same_cluster($1)
       AND NOT EXISTS (SELECT FROM yesterday.schema_object b WHERE b.deployment = $1 AND b.phase = 'before' AND b.objid = $3)
       -- or by name, where the rollback of a later deployment can have made it anew
       AND NOT EXISTS (SELECT FROM yesterday.schema_object a
                       JOIN yesterday._deployment_objects($1, true) m ON m.classid = a.classid AND m.objid = a.objid
                       WHERE a.deployment = $1 AND a.phase = 'after'
                         AND (a.objid = $3
                              OR a.object_name = $5 AND EXISTS (SELECT FROM yesterday.deployment l WHERE l.id > $1 AND l.status IN ('rolled_back', 'abandoned'))))
       AND NOT EXISTS (SELECT FROM yesterday._occupants($2, $3, $4, since)) THEN
        RETURN QUERY SELECT since, 'displaced';
    ELSE
        RETURN QUERY SELECT format('yesterday_aside_%s_r%s', $1, number), 'renamed';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._name_aside(bigint, oid, oid, text, text, integer) IS 'internal: name for what is in the way of a name of before';
REVOKE ALL ON FUNCTION yesterday._name_aside(bigint, oid, oid, text, text, integer) FROM PUBLIC;

-- yesterday._part_aside(deployment, name, parts after, other parts): the same for a column, attribute or label; parts have a name, or are one.
CREATE FUNCTION yesterday._part_aside(deployment bigint, part text, after jsonb, others jsonb) RETURNS TABLE (name text, outcome text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN n.part_of_deployment OR n.since = ANY (n.taken) THEN yesterday._aside($2) ELSE n.since END,
           CASE WHEN n.part_of_deployment THEN 'renamed' ELSE 'displaced' END
    FROM (SELECT yesterday._since_name($1, $2) AS since,
                 after ? $2 OR after @> jsonb_build_array(jsonb_build_object('name', $2)) AS part_of_deployment,
                 ARRAY(SELECT coalesce(p ->> 'name', p #>> '{}') FROM jsonb_array_elements(after || others) p) AS taken) n
$function$;
COMMENT ON FUNCTION yesterday._part_aside(bigint, text, jsonb, jsonb) IS 'internal: name for a part that is in the way of a name of before';
REVOKE ALL ON FUNCTION yesterday._part_aside(bigint, text, jsonb, jsonb) FROM PUBLIC;

-- yesterday._since_name(deployment, name): name of what others made since the deployment under a name of before; no longer than a name can be.
CREATE FUNCTION yesterday._since_name(deployment bigint, name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN octet_length($2) <= 63 - octet_length(s.suffix) THEN $2 || s.suffix
                ELSE left($2, greatest(1, (63 - octet_length(s.suffix)) / 4)) || s.suffix END
    FROM (SELECT '_since_' || $1 AS suffix) s
$function$;
COMMENT ON FUNCTION yesterday._since_name(bigint, text) IS 'internal: name for what others made under a name of before';
REVOKE ALL ON FUNCTION yesterday._since_name(bigint, text) FROM PUBLIC;

-- yesterday._name_before(deployment, class, object, table, name): what an object, or an index of a constraint, was called before
-- a deployment; null: it was not there. The rollback of a later deployment can have made an index, or a sequence, of the
-- table anew: under the name that it had before that one.
CREATE FUNCTION yesterday._name_before(deployment bigint, classid oid, objid oid, relation oid, name_now text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce((SELECT (parse_ident(i.identity))[2] FROM yesterday._identity_before($1, $3) i), (
    SELECT b.object_name FROM yesterday.schema_object b
    WHERE b.deployment = $1 AND b.phase = 'before'
      AND (b.classid = $2 AND b.objid = $3
           OR b.classid = 'pg_constraint'::regclass AND b.objid IN (
              SELECT k.oid FROM pg_constraint k WHERE k.conindid = $3 AND k.contype IN ('p', 'u', 'x'))
           OR b.object_name = $5 AND (b.kind IN ('index', 'constraint') AND b.parent = $4
                                      OR b.kind = 'sequence' AND EXISTS (
                                         SELECT FROM yesterday.schema_object t WHERE t.deployment = $1 AND t.phase = 'before' AND t.objid = $4
                                           AND starts_with(b.definition ->> 'owned_by', t.identity || '.'))))
    ORDER BY b.objid = $3 DESC, b.object_name
    LIMIT 1))
$function$;
COMMENT ON FUNCTION yesterday._name_before(bigint, oid, oid, oid, text) IS 'internal: name of an object before a deployment';
REVOKE ALL ON FUNCTION yesterday._name_before(bigint, oid, oid, oid, text) FROM PUBLIC;

-- yesterday._aside(name): what a column, attribute or label is called for a moment, because another one of its object
-- has that name again. No longer than a name can be.
CREATE FUNCTION yesterday._aside(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT 'yesterday_aside_' || md5($1)
$function$;
COMMENT ON FUNCTION yesterday._aside(text) IS 'internal: a name for a moment';
REVOKE ALL ON FUNCTION yesterday._aside(text) FROM PUBLIC;

-- yesterday._rename_as(owner, command): gives an object another name or schema, as its owner, who need not have the right to a schema
-- any more, or not yet again: then as the extension's owner. No code of anybody runs in such a command.
CREATE FUNCTION yesterday._rename_as(owner name, command text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM yesterday._execute_as(owner, command);
EXCEPTION WHEN insufficient_privilege THEN
    PERFORM yesterday._execute_as(current_user, command);
END
$function$;
COMMENT ON FUNCTION yesterday._rename_as(name, text) IS 'internal: gives an object another name or schema';
REVOKE ALL ON FUNCTION yesterday._rename_as(name, text) FROM PUBLIC;

-- yesterday._part_of_name(kind, table, name): the constraint, trigger, rule or policy of that name that a table has.
CREATE FUNCTION yesterday._part_of_name(kind text, relation oid, name text) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE $1
        WHEN 'constraint' THEN (SELECT k.oid FROM pg_constraint k WHERE k.conrelid = $2 AND k.conname = $3)
        WHEN 'trigger' THEN (SELECT t.oid FROM pg_trigger t WHERE t.tgrelid = $2 AND t.tgname = $3)
        WHEN 'rule' THEN (SELECT w.oid FROM pg_rewrite w WHERE w.ev_class = $2 AND w.rulename = $3)
        WHEN 'policy' THEN (SELECT p.oid FROM pg_policy p WHERE p.polrelid = $2 AND p.polname = $3) END
$function$;
COMMENT ON FUNCTION yesterday._part_of_name(text, oid, text) IS 'internal: part of a table that has a name';
REVOKE ALL ON FUNCTION yesterday._part_of_name(text, oid, text) FROM PUBLIC;

-- yesterday._live_name(class, object): what an object is called at this moment.
CREATE FUNCTION yesterday._live_name(classid oid, objid oid, OUT schema_name text, OUT object_name text, OUT identity text)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $function$
    -- the server quotes the schema
    SELECT (parse_ident(i.schema))[1], coalesce(
               (SELECT p.proname FROM pg_proc p WHERE $1 = 'pg_proc'::regclass AND p.oid = $2),
               (SELECT k.conname FROM pg_constraint k WHERE $1 = 'pg_constraint'::regclass AND k.oid = $2),
               (SELECT t.tgname FROM pg_trigger t WHERE $1 = 'pg_trigger'::regclass AND t.oid = $2),
               (SELECT w.rulename FROM pg_rewrite w WHERE $1 = 'pg_rewrite'::regclass AND w.oid = $2),
               (SELECT l.polname FROM pg_policy l WHERE $1 = 'pg_policy'::regclass AND l.oid = $2),
               (SELECT c.relname FROM pg_class c WHERE $1 = 'pg_class'::regclass AND c.oid = $2),
               (SELECT y.typname FROM pg_type y WHERE $1 = 'pg_type'::regclass AND y.oid = $2),
               (SELECT s.stxname FROM pg_statistic_ext s WHERE $1 = 'pg_statistic_ext'::regclass AND s.oid = $2),
               (SELECT n.nspname FROM pg_namespace n WHERE $1 = 'pg_namespace'::regclass AND n.oid = $2),
               (yesterday._rare_row($1, $2)).object_name),
           i.identity
    FROM pg_identify_object($1, $2, 0) i
$function$;
COMMENT ON FUNCTION yesterday._live_name(oid, oid) IS 'internal: name of an object at this moment';
REVOKE ALL ON FUNCTION yesterday._live_name(oid, oid) FROM PUBLIC;

-- yesterday._occupants(class, object, schema, name): the object of the same name space that has a name which
-- another one is to get; a type and a relation share theirs.
CREATE FUNCTION yesterday._occupants(classid oid, objid oid, schema_name text, object_name text)
RETURNS TABLE (word text, identity text, owner name, objid oid)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE'
                          WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
           format('%I.%I', $3, $4), pg_get_userbyid(c.relowner), c.oid
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE $1 IN ('pg_class'::regclass, 'pg_type'::regclass) AND c.oid <> $2 AND n.nspname = $3 AND c.relname = $4
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, format('%I.%I', $3, $4), pg_get_userbyid(t.typowner), t.oid
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE $1 IN ('pg_class'::regclass, 'pg_type'::regclass) AND t.oid <> $2 AND t.typrelid = 0
      AND n.nspname = $3 AND t.typname = $4 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
    UNION ALL
    SELECT 'ROUTINE', format('%I.%I(%s)', $3, $4, pg_get_function_identity_arguments(p.oid)), pg_get_userbyid(p.proowner), p.oid
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE $1 = 'pg_proc'::regclass AND p.oid <> $2 AND n.nspname = $3 AND p.proname = $4
      AND p.proargtypes = (SELECT q.proargtypes FROM pg_proc q WHERE q.oid = $2)
    UNION ALL
    SELECT 'SCHEMA', quote_ident($4), current_user, n.oid
    FROM pg_namespace n WHERE $1 = 'pg_namespace'::regclass AND n.oid <> $2 AND n.nspname = $4
    UNION ALL
    SELECT upper(replace(c.kind, '-', ' ')), i.identity, coalesce(r.owner, current_user), r.objid
    FROM yesterday._rare_catalogs() c
    CROSS JOIN LATERAL yesterday._rare_row($1, $2) own
    CROSS JOIN LATERAL yesterday._rare_rows(c.name) r
    CROSS JOIN LATERAL pg_identify_object($1, r.objid, 0) i
    -- operators, and their classes and families, share a name with others
    WHERE c.name::regclass = $1 AND c.kind <> 'operator' AND r.objid <> $2 AND r.object_name = $4
      AND r.schema_name IS NOT DISTINCT FROM CASE WHEN c.namespace IS NULL THEN NULL ELSE $3 END
      AND r.method IS NOT DISTINCT FROM own.method
$function$;
COMMENT ON FUNCTION yesterday._occupants(oid, oid, text, text) IS 'internal: what has a name that another object is to get';
REVOKE ALL ON FUNCTION yesterday._occupants(oid, oid, text, text) FROM PUBLIC;

