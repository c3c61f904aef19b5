-- yesterday._keep_dropped(deployment, rollback): puts into the attic what the plan is about to destroy and the deployment
-- did not write: rows of tables, values of columns, definitions of objects that somebody else made or changed.
-- A row that a member transaction wrote is the deployment's; whoever cannot be told apart is kept.
--
-- Values become text by their type's output function and by nothing else: a cast could run a user's code.
CREATE FUNCTION yesterday._keep_dropped(deployment bigint, rollback bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres'
SET extra_float_digits = 3 SET row_security = on
AS $function$
DECLARE
    members text[] := yesterday._member_xids($1);
    -- before its commit a deployment's own transaction is not entered yet
    in_own boolean := yesterday._in_transaction_scope();
    loss record;
    wanted text;
    kept bigint;
    relation oid;
BEGIN
    FOR loss IN
        SELECT p.*, o.definition AS table_def,
               CASE WHEN p.kind = 'column' THEN p.now_table ELSE p.now_identity END AS table_now
        FROM yesterday.plan_node p
        LEFT JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = 'now'
                                           AND o.classid = 'pg_class'::regclass AND o.objid = p.objid
        WHERE p.deployment = $1 AND p.objid IS NOT NULL
          AND ((p.kind IN ('table', 'column') AND p.action = 'drop')
               OR (p.kind = 'table' AND p.action = 'rebuild' AND p.bobjid IS DISTINCT FROM p.aobjid))
        ORDER BY p.node
    LOOP
        relation := to_regclass(loss.table_now);
        CONTINUE WHEN relation IS NULL OR loss.table_def ? 'partitioned' OR loss.now_def ? 'expression';
        wanted := CASE WHEN loss.kind = 'column' THEN format(
            'AND num_nonnulls(t.%1$I) = 1 AND format(''%%s'', t.%1$I) IS DISTINCT FROM %2$L', loss.now_name,
            (SELECT (a.attmissingval::text::text[])[1] FROM pg_attribute a
             WHERE a.attrelid = relation AND a.attname = loss.now_name AND a.atthasmissing)) ELSE '' END;
        EXECUTE format($query$
            INSERT INTO yesterday.attic_row
                (rollback, deployment, schema_name, table_name, owner, kind, row_key, row_data, type_names, detail)
            SELECT $1, $2, $3, $4, $9, 'dropped', %s, %s, $5, $6
            FROM ONLY %s t
            WHERE NOT t.xmin::text = ANY ($7) AND NOT ($8 AND yesterday._is_own_xid(t.xmin)) %s
            $query$,
            yesterday._row_text(ARRAY(SELECT unnest((yesterday._table_key(relation)).key_columns)::text)),
            yesterday._row_text(CASE WHEN loss.kind = 'column' THEN ARRAY[loss.now_name]
                ELSE ARRAY(SELECT c ->> 'name' FROM jsonb_array_elements(loss.table_def -> 'columns') c) END),
            loss.table_now, wanted)
        USING $2, $1, loss.schema_name, (parse_ident(loss.table_now))[2],
              (SELECT jsonb_object_agg(c ->> 'name', c -> 'type') FROM jsonb_array_elements(loss.table_def -> 'columns') c),
              format('%s %s was dropped', loss.kind, loss.now_identity), members, in_own, loss.now_owner;
        GET DIAGNOSTICS kept = ROW_COUNT;
        IF kept > 0 THEN
            subject := loss.kind || ' ' || loss.now_identity;
            outcome := 'kept in the attic';
            rows := kept;
            detail := 'written by others since; SELECT * FROM yesterday.attic';
            RETURN NEXT;
        END IF;
    END LOOP;

    INSERT INTO yesterday.attic_object (rollback, deployment, kind, identity, reason, owner, commands)
    SELECT $2, $1, p.kind, p.now_identity, CASE p.reason WHEN 'displaced' THEN 'displaced' ELSE 'changed' END, p.now_owner,
           (SELECT string_agg(c.command, E';\n') FROM yesterday._create_commands(p.kind, p.now_identity, p.now_name, p.now_table, p.now_def) c)
    FROM yesterday.plan_node p
    LEFT JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = p.classid AND a.objid = p.aobjid
    WHERE p.deployment = $1 AND p.now_def IS NOT NULL AND (NOT p.implied OR p.reason = 'displaced')
      AND p.kind IN ('schema', 'view', 'materialized view', 'index', 'constraint', 'trigger', 'rule', 'policy', 'statistics',
                     'function', 'procedure', 'aggregate', 'default', 'not null', 'enum', 'composite type', 'domain',
                     'range', 'sequence', 'table', 'column')
      AND (p.reason = 'displaced'
           OR (p.reason = 'deployment' AND p.action IN ('drop', 'alter', 'recreate') AND a.objid IS NOT NULL
               AND p.objsubid = 0 AND p.kind NOT IN ('table', 'default', 'not null', 'column')
               AND p.now_def - '{comment,acl}'::text[] <> a.definition - '{comment,acl}'::text[]
               -- texts change with the names that were given back
               AND p.now_def IS DISTINCT FROM p.goal_def AND p.now_identity = a.identity));
END
$function$;
COMMENT ON FUNCTION yesterday._keep_dropped(bigint, bigint) IS 'internal: keeps what others wrote and a rollback drops';
REVOKE ALL ON FUNCTION yesterday._keep_dropped(bigint, bigint) FROM PUBLIC;

-- yesterday._row_text(columns): expression that makes {column: text or null} of columns of "t".
CREATE FUNCTION yesterday._row_text(columns text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN cardinality(columns) = 0 THEN '''{}''::jsonb' ELSE
           format('jsonb_object(ARRAY[%s]::text[], ARRAY[%s]::text[])', string_agg(quote_literal(c), ', ' ORDER BY o),
                  string_agg(format('CASE WHEN num_nulls(t.%1$I) = 0 THEN format(''%%s'', t.%1$I) END', c), ', ' ORDER BY o)) END
    FROM unnest(columns) WITH ORDINALITY AS u(c, o)
$function$;
COMMENT ON FUNCTION yesterday._row_text(text[]) IS 'internal: expression for a row as text';
REVOKE ALL ON FUNCTION yesterday._row_text(text[]) FROM PUBLIC;

-- yesterday._is_own_xid(xid): was this row version written by the transaction that is running?
CREATE FUNCTION yesterday._is_own_xid(xid xid) RETURNS boolean
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'yd_is_own_xid';
COMMENT ON FUNCTION yesterday._is_own_xid(xid) IS 'internal: a transaction id of the running transaction';
REVOKE ALL ON FUNCTION yesterday._is_own_xid(xid) FROM PUBLIC;

