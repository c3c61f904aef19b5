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
        kept := yesterday._keep_rows($1, $2, loss.table_now, loss.schema_name, loss.now_owner, 'dropped',
                                     CASE WHEN loss.kind = 'column' THEN ARRAY[loss.now_name] END, wanted,
                                     format('%s %s was dropped', loss.kind, loss.now_identity));
        IF kept > 0 THEN
            subject := loss.kind || ' ' || loss.now_identity;
            outcome := 'kept in the attic';
            rows := kept;
            detail := 'written by others since; SELECT * FROM yesterday.attic';
            RETURN NEXT;
            -- and what they were rows of
            INSERT INTO yesterday.attic_object (rollback, deployment, kind, identity, reason, owner, commands)
            SELECT $2, $1, loss.kind, loss.now_identity, 'dropped', loss.now_owner,
                   CASE loss.kind WHEN 'table' THEN yesterday._table_definition($1, loss.objid)
                        ELSE (SELECT string_agg(c.command, E';\n')
                              FROM yesterday._create_commands('column', loss.now_identity, loss.now_name, loss.now_table, loss.now_def) c) END;
        END IF;
    END LOOP;
    RETURN QUERY SELECT k.* FROM yesterday._keep_attributes($1, $2) k;
    RETURN QUERY SELECT k.* FROM yesterday._keep_retyped($1, $2) k;
    RETURN QUERY SELECT k.* FROM yesterday._keep_superseded($1, $2) k;

    RETURN QUERY SELECT k.* FROM yesterday._keep_definitions($1, $2) k;
END
$function$;
COMMENT ON FUNCTION yesterday._keep_dropped(bigint, bigint) IS 'internal: keeps what others wrote and a rollback drops';
REVOKE ALL ON FUNCTION yesterday._keep_dropped(bigint, bigint) FROM PUBLIC;

-- yesterday._keep_rows(deployment, rollback, table, schema, owner, kind, columns, wanted, detail): puts the rows of a table that
-- others wrote into the attic: all of their columns, or these, where "wanted", a condition on "t", holds. What is taken
-- out of a row is told with the row that it belongs to: where the table has no key, by all of the row that stays.
-- For a rollback that is only foreseen they are counted.
CREATE FUNCTION yesterday._keep_rows(deployment bigint, rollback bigint, table_now text, schema_name name, owner name,
                                     kind text, columns text[], wanted text, detail text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres'
SET extra_float_digits = 3 SET row_security = on
AS $function$
DECLARE
    relation oid := to_regclass(table_now);
    key text[] := ARRAY(SELECT unnest((yesterday._table_key(relation)).key_columns)::text);
    kept bigint;
BEGIN
    IF yesterday._is_foreseen($2) THEN
        EXECUTE format('SELECT count(*) FROM ONLY %s t WHERE NOT t.xmin::text = ANY ($1) %s', table_now, wanted)
        INTO kept USING yesterday._member_xids(deployment);
        RETURN kept;
    END IF;
    IF columns IS NOT NULL AND key = '{}' THEN
        key := ARRAY(SELECT a.attname::text FROM pg_attribute a
                     WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname::text <> ALL (columns)
                     ORDER BY a.attnum);
    END IF;
    EXECUTE format($query$
        INSERT INTO yesterday.attic_row
            (rollback, deployment, schema_name, table_name, owner, kind, row_key, row_data, type_names, detail)
        SELECT $1, $2, $3, $4, $5, $6, %s, %s, $7, $8
        FROM ONLY %s t
        WHERE NOT t.xmin::text = ANY ($9) AND NOT ($10 AND yesterday._is_own_xid(t.xmin)) %s
        $query$,
        yesterday._row_text(key),
        yesterday._row_text(coalesce(columns, ARRAY(
            SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum))),
        table_now, wanted)
    USING rollback, deployment, schema_name, (parse_ident(table_now))[2], owner, kind,
          (SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)) FROM pg_attribute a
           WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped),
          detail, yesterday._member_xids(deployment),
          -- before its commit a deployment's own transaction is not entered yet
          yesterday._in_transaction_scope();
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept;
END
$function$;
COMMENT ON FUNCTION yesterday._keep_rows(bigint, bigint, text, name, name, text, text[], text, text) IS 'internal: puts rows that others wrote into the attic';
REVOKE ALL ON FUNCTION yesterday._keep_rows(bigint, bigint, text, name, name, text, text[], text, text) FROM PUBLIC;

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

