-- Keeps yesterday.tracked_table true after a DDL command: new tables that match a rule, new partitions and
-- children of tracked tables come under capture, a table that comes back is captured
-- again, renamed tables keep their row (the triggers carry its id).
-- Outside a deployment only a new table gets triggers: a restore alters tables whose
-- triggers it has yet to create, and what somebody untracked stays untracked.
--
-- ATTACH PARTITION shows only the parent: the partition is known by its row in pg_inherits,
-- which this transaction has just written.
CREATE FUNCTION yesterday._follow_tables()
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    command record;
    relation record;
    known record;
    above record;
    rule record;
    is_new boolean;
    touched oid[];
    members oid[];
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday.tracked_table) AND NOT EXISTS (SELECT FROM yesterday.track_rule) THEN
        RETURN;
    END IF;
    FOR command IN
        SELECT DISTINCT c.classid, c.objid, c.command_tag FROM pg_event_trigger_ddl_commands() c
        WHERE c.classid IN ('pg_class'::regclass, 'pg_namespace'::regclass)
    LOOP
        is_new := command.command_tag IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO');
        -- a renamed table or schema: the ids in the triggers say whose row it is. A row that has the
        -- name is left by a table that a deployment dropped; a rollback takes it back with the table.
        -- Asked of the triggers of these tables alone, there can be thousands of others; and as a
        -- rule their rows have the right names already. Every query here finds its rows by index:
        -- arrays and scalar subqueries leave the planner nothing to join whole catalogs with.
        IF command.classid = 'pg_class'::regclass THEN
            touched := ARRAY[command.objid];
        ELSE
            touched := ARRAY(SELECT r.oid FROM pg_class r WHERE r.relnamespace = command.objid AND r.relkind IN ('r', 'p'));
        END IF;
        SELECT array_agg(DISTINCT c.oid) INTO touched
        FROM unnest(touched) o (oid)
        JOIN pg_class c ON c.oid = o.oid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_trigger g ON g.tgrelid = c.oid AND g.tgfoid = 'yesterday._capture_truncate'::regproc
        WHERE (SELECT (t.schema_name, t.table_name) = (n.nspname, c.relname) FROM yesterday.tracked_table t
               WHERE t.id = split_part(encode(g.tgargs, 'escape'), '\000', 2)::bigint) IS NOT TRUE;
        IF touched IS NOT NULL THEN
            WITH captured AS (
                SELECT g.tgrelid, g.tgname, split_part(encode(g.tgargs, 'escape'), '\000', 2)::bigint AS id
                FROM pg_trigger g
                WHERE g.tgrelid = ANY (touched) AND g.tgfoid = 'yesterday._capture_truncate'::regproc
            ), displaced AS (
                DELETE FROM yesterday.tracked_table m
                USING captured g
                JOIN pg_class c ON c.oid = g.tgrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE m.schema_name = n.nspname AND m.table_name = c.relname AND m.id <> g.id
                  AND NOT EXISTS (SELECT FROM pg_trigger o
                                  WHERE o.tgname = 'yesterday_truncate' AND o.tgfoid = 'yesterday._capture_truncate'::regproc
                                    AND m.id = split_part(encode(o.tgargs, 'escape'), '\000', 2)::bigint)
                RETURNING m.*)
            INSERT INTO yesterday.tracked_aside SELECT d.*, coalesce(yesterday._current_deployment(), 0) FROM displaced d
            ON CONFLICT (id) DO NOTHING;
            -- a table that this deployment made under the name of one that an earlier one dropped has had the row of that one:
            -- its rollback gives it back its name
            INSERT INTO yesterday.tracked_aside
            SELECT t.*, d.id
            FROM yesterday.deployment d
            JOIN pg_trigger g ON g.tgrelid = ANY (touched) AND g.tgname = 'yesterday_truncate'
                             AND g.tgfoid = 'yesterday._capture_truncate'::regproc
            JOIN yesterday.tracked_table t ON t.id = split_part(encode(g.tgargs, 'escape'), '\000', 2)::bigint
            WHERE d.id = yesterday._current_deployment() AND t.tracked_at < d.began_at
              AND to_regclass(format('%I.%I', t.schema_name, t.table_name)) IS NULL
              AND EXISTS (SELECT FROM yesterday.schema_object b WHERE b.deployment = d.id AND b.phase = 'before')
              AND NOT EXISTS (SELECT FROM yesterday.schema_object b WHERE b.deployment = d.id AND b.phase = 'before'
                                AND b.classid = 'pg_class'::regclass AND b.objid = g.tgrelid)
            ON CONFLICT (id) DO NOTHING;
            UPDATE yesterday.tracked_table t
            SET schema_name = n.nspname, table_name = c.relname
            FROM (SELECT g.tgrelid, split_part(encode(g.tgargs, 'escape'), '\000', 2)::bigint AS id
                  FROM pg_trigger g
                  WHERE g.tgrelid = ANY (touched) AND g.tgname = 'yesterday_truncate'
                    AND g.tgfoid = 'yesterday._capture_truncate'::regproc) g
            JOIN pg_class c ON c.oid = g.tgrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE t.id = g.id
              AND (t.schema_name, t.table_name) IS DISTINCT FROM (n.nspname, c.relname)
              AND to_regclass(format('%I.%I', t.schema_name, t.table_name)) IS NULL
              -- what a rollback puts aside, to build it anew under its name, leaves its row behind
              AND NOT (yesterday._is_internal() AND c.relname ~ '^yesterday_aside_[0-9]+_[0-9]+$');
        END IF;

        CONTINUE WHEN command.classid <> 'pg_class'::regclass;
        members := ARRAY[command.objid];
        IF EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = command.objid AND age(i.xmin) <= 0) THEN
            WITH RECURSIVE tree AS (
                SELECT command.objid AS oid, 0 AS depth
                UNION
                SELECT i.inhrelid, tree.depth + 1 FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
                WHERE tree.depth > 0 OR age(i.xmin) <= 0)
            SELECT array_agg(t.oid ORDER BY t.depth, t.oid) INTO members
            FROM (SELECT tree.oid, min(tree.depth) AS depth FROM tree GROUP BY tree.oid) t;
        END IF;
        FOR relation IN
            SELECT c.oid, n.nspname, c.relname, c.relkind
            FROM unnest(members) WITH ORDINALITY m (oid, place)
            JOIN pg_class c ON c.oid = m.oid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
              AND n.nspname NOT IN ('yesterday', 'yesterday_shadow')
            ORDER BY m.place
        LOOP
            SELECT t.* INTO known FROM yesterday.tracked_table t
            WHERE t.schema_name = relation.nspname AND t.table_name = relation.relname;
            IF FOUND THEN
                IF (is_new OR yesterday._current_deployment() IS NOT NULL)
                   AND NOT EXISTS (
                    SELECT FROM pg_trigger g WHERE g.tgrelid = relation.oid
                    AND g.tgfoid = 'yesterday._capture_truncate'::regproc)
                THEN
                    PERFORM yesterday._create_triggers(relation.oid, known.outside, known.id);
                END IF;
                CONTINUE;
            END IF;

            SELECT t.* INTO above FROM yesterday.tracked_table t
            WHERE t.id = (
                SELECT p.id
                FROM (SELECT i.place, (SELECT t.id FROM yesterday.tracked_table t
                                       WHERE t.schema_name = n.nspname AND t.table_name = p.relname) AS id
                      FROM unnest(ARRAY(SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = relation.oid ORDER BY i.inhseqno))
                           WITH ORDINALITY i (oid, place)
                      JOIN pg_class p ON p.oid = i.oid
                      JOIN pg_namespace n ON n.oid = p.relnamespace) p
                WHERE p.id IS NOT NULL
                ORDER BY p.place LIMIT 1);
            IF FOUND THEN
                PERFORM yesterday._track_table(relation.oid, above.layer, above.outside, above.natural_key,
                                               above.local_columns, above.rule, above.id);
                PERFORM yesterday._open_shadow_late(relation.oid);
                CONTINUE;
            END IF;

            CONTINUE WHEN NOT is_new;
            SELECT r.* INTO rule FROM yesterday.track_rule r
            -- its name first: that costs nothing
            WHERE relation.nspname LIKE r.schema_pattern AND relation.relname LIKE r.table_pattern
              AND yesterday._matches_rule(relation.oid, r.schema_pattern, r.table_pattern)
            ORDER BY r.id LIMIT 1;
            IF FOUND THEN
                PERFORM yesterday._track_tree(relation.oid, rule.layer, rule.outside, NULL, NULL, rule.id);
                PERFORM yesterday._open_shadow_late(relation.oid);
            END IF;
        END LOOP;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._follow_tables() IS 'internal: keeps the list of tracked tables true after a command';
REVOKE ALL ON FUNCTION yesterday._follow_tables() FROM PUBLIC;

-- Calls it where a command can have made, renamed or joined a table.
CREATE FUNCTION yesterday._on_ddl_command_end() RETURNS event_trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'yesterday_follow_tables';
COMMENT ON FUNCTION yesterday._on_ddl_command_end() IS 'event trigger: keeps the list of tracked tables true';
REVOKE ALL ON FUNCTION yesterday._on_ddl_command_end() FROM PUBLIC;

CREATE EVENT TRIGGER yesterday_tracking ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE', 'ALTER SCHEMA',
                 'CREATE SCHEMA')
    EXECUTE FUNCTION yesterday._on_ddl_command_end();
ALTER EVENT TRIGGER yesterday_tracking ENABLE ALWAYS;

