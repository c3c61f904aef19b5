-- yesterday._plan_inverse(deployment, phase, rollback, again): plans the way from the image "phase" back to before. Renames
-- it runs; everything else it leaves as steps, entered for this rollback (-1: for none, as nobody else had done
-- anything; -2: for one that is foreseen; both to be read and undone by the caller). The workspace has no statistics: guessing a handful of rows, the planner
-- would join whole images in nested loops.
--   again   the rest is as before already: only what these types and columns still need is planned, and added
CREATE FUNCTION yesterday._plan_inverse(deployment bigint, phase text, rollback bigint DEFAULT -1, again text[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $function$
DECLARE
    seen text := phase;
    ordinal integer := coalesce((SELECT max(s.ordinal) FROM yesterday.inverse_step s WHERE s.deployment = $1 AND s.rollback = $3), 0);
    first integer := ordinal;
    rename record;
    held jsonb;
BEGIN
    PERFORM yesterday._plan_nodes($1, $2, again);
    -- once names are given back, texts that have them are others; and the same text need not mean the same objects
    UPDATE yesterday.plan_node p SET as_deployed = true
    FROM yesterday.schema_object n, yesterday.schema_object a
    WHERE p.deployment = $1 AND n.deployment = $1 AND n.phase = $2 AND n.classid = p.classid AND n.objid = p.objid
      AND a.deployment = $1 AND a.phase = 'after' AND a.classid = p.classid AND a.objid = p.aobjid
      AND n.definition - '{comment,acl}'::text[] = a.definition - '{comment,acl}'::text[]
      AND NOT (p.repointed AND yesterday._needs_others($1, $2, p.classid, p.objid, p.aobjid));
    -- what is planned again has its names of before
    FOR rename IN SELECT * FROM yesterday._rename_back($1, $2) WHERE again IS NULL
                  UNION ALL SELECT t.*, 'renamed' FROM yesterday._put_types_aside($1, $2) t LOOP
        ordinal := ordinal + 1;
        INSERT INTO yesterday.inverse_step
            (deployment, rollback, ordinal, phase, owner, command, subject, outcome, kind, identity, done)
        VALUES ($1, $3, ordinal, 'structure', rename.owner, rename.command, rename.kind || ' ' || rename.identity,
                rename.outcome, rename.kind, rename.identity, true);
    END LOOP;
    IF again IS NOT NULL THEN
        UPDATE yesterday.plan_node p SET reason = 'again' WHERE p.deployment = $1;
    END IF;
    IF ordinal > first THEN
        PERFORM yesterday._take_image($1, 'now');
        seen := 'now';
    END IF;
    PERFORM yesterday._put_rows_aside($1, seen);
    PERFORM yesterday._plan_goals($1, seen);
    IF $3 <> -1 AND again IS NULL THEN
        PERFORM yesterday._hold_partitions($1, $3);
    END IF;
    PERFORM yesterday._plan_columns($1, seen, again IS NOT NULL);
    PERFORM yesterday._hold_objects($1);
    -- checks that a partition has from its parent are made by hand only for one that is made anew
    DELETE FROM yesterday.plan_node p
    WHERE p.deployment = $1 AND p.kind = 'constraint' AND p.now_def IS NULL AND p.goal_def ? 'inherited' AND p.goal_def ->> 'type' = 'c'
      AND NOT EXISTS (SELECT FROM yesterday.plan_node t WHERE t.deployment = $1 AND t.kind = 'table'
                        AND t.action IN ('create', 'rebuild') AND t.goal_identity = p.goal_table);
    -- what a parent's command does to its children needs no step of theirs
    DELETE FROM yesterday.plan_node c
    USING yesterday.plan_node ct, yesterday.plan_node p
    WHERE c.deployment = $1 AND ct.deployment = $1 AND p.deployment = $1
      AND c.kind IN ('default', 'not null') AND ct.node = c.parent AND ct.action NOT IN ('create', 'rebuild')
      AND p.kind = c.kind AND p.action = c.action AND p.action <> 'none' AND p.goal_def IS NOT DISTINCT FROM c.goal_def
      AND coalesce(p.goal_name, p.now_name) = coalesce(c.goal_name, c.now_name)
      AND (ct.now_def ->> 'partition_of' = p.now_table OR coalesce(ct.now_def -> 'inherits' ? p.now_table, false));
    PERFORM yesterday._plan_closure($1, seen);
    PERFORM yesterday._hold_objects($1);
    UPDATE yesterday.plan_node p SET refusal = 'a base type and its functions need each other, and only CASCADE takes them apart'
    WHERE p.deployment = $1 AND p.kind = 'base type' AND p.action <> 'none';
    UPDATE yesterday.plan_node p SET refusal = 'it was updated, and the scripts of extensions lead in one direction only'
    WHERE p.deployment = $1 AND p.kind = 'extension' AND p.action = 'refuse';
    UPDATE yesterday.plan_node p SET refusal = 'it has a security label, which no rollback brings back'
    WHERE p.deployment = $1 AND p.goal_def IS NOT NULL
      AND (p.now_def -> 'security_labels' IS DISTINCT FROM p.goal_def -> 'security_labels' OR (p.goal_def ? 'security_labels' AND p.action IN ('recreate', 'rebuild', 'retype')));
    UPDATE yesterday.plan_node p SET refusal = format('it was changed in a way that has no inverse (%s)',
            (SELECT string_agg(k, ', ') FROM (SELECT jsonb_object_keys(p.now_def) AS k
                                              UNION SELECT jsonb_object_keys(p.goal_def)) u
             WHERE p.now_def -> k IS DISTINCT FROM p.goal_def -> k))
    WHERE p.deployment = $1 AND p.action = 'refuse' AND p.refusal IS NULL;
    UPDATE yesterday.plan_node p SET refusal = 'it was dropped'
    WHERE p.deployment = $1 AND p.action = 'create' AND p.refusal IS NULL AND NOT p.goal_def ? 'create'
      AND p.kind NOT IN ('schema', 'view', 'materialized view', 'index', 'constraint', 'trigger', 'rule', 'policy',
                         'statistics', 'function', 'procedure', 'aggregate', 'default', 'not null', 'default privileges',
                         'enum', 'composite type', 'domain', 'range', 'sequence', 'table', 'foreign table', 'column', 'extension');
    -- a table that cannot be made anew for what depends on it stays itself
    UPDATE yesterday.plan_node p SET refusal = format('it would have to be made anew, and %s %s depends on it', q.kind, q.now_identity)
    FROM yesterday.plan_node q
    WHERE p.deployment = $1 AND p.kind = 'table' AND p.action = 'rebuild' AND p.refusal IS NULL
      AND q.deployment = $1 AND q.refusal = format('it depends on %s %s', p.kind, p.now_identity);
    UPDATE yesterday.plan_node p SET refusal = yesterday._from_aside($1, to_jsonb(p.refusal)) #>> '{}'
    WHERE p.deployment = $1 AND p.refusal IS NOT NULL;
    -- a type that something stands on which cannot go over to it stays, too, under its own name
    IF $3 <> -1 THEN
        SELECT jsonb_agg(DISTINCT jsonb_build_object('identity', r.root, 'detail', format('%s %s: %s', p.kind, p.goal_identity, p.refusal)))
        INTO held
        FROM yesterday.plan_node p
        JOIN yesterday.plan_aside a ON a.deployment = $1 AND strpos(p.now_def::text, yesterday._inside_json(a.aside)) > 0
        CROSS JOIN LATERAL unnest(a.because) AS r (root)
        WHERE p.deployment = $1 AND p.refusal IS NOT NULL;
        IF held IS NOT NULL THEN
            RAISE EXCEPTION 'held back' USING ERRCODE = 'YDHLD', HINT = 'Internal to the rollback.', DETAIL = held::text;
        END IF;
        held := CASE WHEN again IS NULL THEN yesterday._tables_in_place($1) END;
        IF held IS NOT NULL THEN
            RAISE EXCEPTION 'held back' USING ERRCODE = 'YDHLD', HINT = 'Internal to the rollback.', DETAIL = held::text;
        END IF;
    END IF;
    DELETE FROM yesterday.ddl_refusal r WHERE r.deployment = $1 AND again IS NULL;
    INSERT INTO yesterday.ddl_refusal (deployment, kind, identity, reason)
    SELECT $1, p.kind, coalesce(p.now_identity, p.goal_identity), p.refusal
    FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.refusal IS NOT NULL;
    -- what is refused, and was accepted as irreversible, stays as it is
    UPDATE yesterday.plan_node p SET action = 'refuse' WHERE p.deployment = $1 AND p.refusal IS NOT NULL;
    PERFORM yesterday._plan_implied($1, seen);
    PERFORM yesterday._plan_order($1, seen);
    INSERT INTO yesterday.inverse_step
        (deployment, rollback, ordinal, phase, owner, command, fallback, reads, refers, within, subject, outcome, kind, identity)
    SELECT $1, $3, ordinal + row_number() OVER (), s.phase_of_step, s.owner, s.command, s.fallback, s.reads, s.refers, s.within, s.subject,
           s.outcome, s.kind, s.identity
    FROM yesterday._plan_steps($1, seen) s;
END
$function$;
COMMENT ON FUNCTION yesterday._plan_inverse(bigint, text, bigint, text[]) IS 'internal: plans the inverse DDL of a deployment';
REVOKE ALL ON FUNCTION yesterday._plan_inverse(bigint, text, bigint, text[]) FROM PUBLIC;

