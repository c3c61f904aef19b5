-- yesterday._save_before(deployment, gone, retyped): saves what a command is about to destroy, with everything
-- that goes with it by pg_depend. The addresses come as {class, object, column, class, ...}. Returns the
-- tables concerned; those that are tracked are captured by the caller instead.
-- What the deployment itself made has no before, and is not saved.
CREATE FUNCTION yesterday._save_before(deployment bigint, gone bigint[], retyped bigint[])
RETURNS TABLE (relation oid, tracked boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    loss record;
    noted smallint[];
BEGIN
    FOR loss IN
        WITH RECURSIVE named AS (
            SELECT gone[i]::oid AS classid, gone[i + 1]::oid AS objid, gone[i + 2]::integer AS objsubid
            FROM generate_series(1, cardinality(gone), 3) AS i
        ), going (classid, objid, objsubid) AS (
            SELECT n.classid, n.objid, n.objsubid FROM named n WHERE n.classid <> 'pg_authid'::regclass
            UNION
            -- DROP OWNED
            SELECT s.classid, s.objid, s.objsubid
            FROM named n JOIN pg_shdepend s ON s.refclassid = n.classid AND s.refobjid = n.objid AND s.deptype = 'o'
            WHERE n.classid = 'pg_authid'::regclass
              AND s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
            UNION
            SELECT x.classid, x.objid, x.objsubid
            FROM going g
            JOIN pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid
                            AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid)
            LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
            LEFT JOIN pg_attribute t ON t.attrelid = a.adrelid AND t.attnum = a.adnum AND t.attgenerated <> ''
            LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid AND w.rulename = '_RETURN'
            -- a generated column goes with its expression, a view with its rule
            CROSS JOIN LATERAL (SELECT d.classid, d.objid, d.objsubid
                                UNION ALL SELECT 'pg_class'::regclass, t.attrelid, t.attnum::integer WHERE t.attnum IS NOT NULL
                                UNION ALL SELECT 'pg_class'::regclass, w.ev_class, 0 WHERE w.oid IS NOT NULL
                               ) AS x (classid, objid, objsubid)
        ), changing AS (
            SELECT retyped[i]::oid AS classid, retyped[i + 1]::oid AS objid, retyped[i + 2]::integer AS objsubid
            FROM generate_series(1, cardinality(retyped), 3) AS i
        ), shaped AS (
            -- a composite type that changes, and what has it inside: its values are written otherwise from then on
            SELECT c.objid AS type FROM changing c WHERE c.classid = 'pg_type'::regclass
            UNION
            SELECT u.type FROM shaped s CROSS JOIN LATERAL yesterday._types_with(s.type) u
        ), concerned AS (
            SELECT g.objid, g.objsubid, CASE WHEN g.objsubid = 0 THEN 'drop' ELSE 'column' END AS event
            FROM going g WHERE g.classid = 'pg_class'::regclass
            UNION
            SELECT c.objid, c.objsubid, 'type' FROM changing c WHERE c.classid = 'pg_class'::regclass
            UNION
            SELECT a.attrelid, a.attnum::integer, 'type'
            FROM shaped s JOIN pg_attribute a ON a.atttypid = s.type AND a.attnum > 0 AND NOT a.attisdropped
        ), positions AS (
            INSERT INTO yesterday.saved_sequence (deployment, objid, identity, last_value)
            SELECT DISTINCT $1, r.oid, b.identity, yesterday._last_position(r.oid)
            FROM going g JOIN pg_class r ON g.classid = 'pg_class'::regclass AND r.oid = g.objid AND r.relkind = 'S'
            -- by the name of before
            CROSS JOIN LATERAL (SELECT i.identity FROM yesterday._identity_before($1, r.oid) i
                                UNION ALL SELECT o.identity FROM yesterday.schema_object o
                                          WHERE o.deployment = $1 AND o.phase = 'before' AND o.classid = g.classid AND o.objid = r.oid) b
            -- an identity can be given anew, and go once more
            WHERE NOT EXISTS (SELECT FROM yesterday.saved_sequence s WHERE s.deployment = $1 AND s.identity = b.identity AND s.objid <> r.oid)
            ON CONFLICT (deployment, objid) DO UPDATE SET last_value = EXCLUDED.last_value
        )
        SELECT r.oid, n.nspname, r.relname,
               -- one command can drop columns and change the types of others: these are copied once more after it
               CASE WHEN bool_or(c.event = 'drop') THEN 'drop' WHEN bool_or(c.event = 'type') THEN 'type'
                    ELSE 'column' END AS event,
               array_agg(DISTINCT c.objsubid::smallint) AS lost,
               EXISTS (SELECT FROM yesterday.tracked_table k
                       WHERE k.schema_name = n.nspname AND k.table_name = r.relname)
               -- or was emptied before: what it had is captured
               OR EXISTS (SELECT FROM yesterday.captured_table k
                          WHERE k.deployment = $1 AND k.relid = r.oid) AS is_tracked,
               EXISTS (SELECT FROM yesterday.captured_table k
                       WHERE k.deployment = $1 AND k.relid = r.oid AND k.business) AS was_emptied
        FROM concerned c
        JOIN pg_class r ON r.oid = c.objid AND r.relkind = 'r' AND r.relpersistence <> 't'
        JOIN pg_namespace n ON n.oid = r.relnamespace
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before'
                                      AND b.classid = 'pg_class'::regclass AND b.objid = r.oid
        -- an image tells of columns that the deployment itself made; one that is computed is computed again, but rows that
        -- are captured later would be without it, and not as they were
        WHERE c.objsubid = 0 OR EXISTS (
            SELECT FROM jsonb_array_elements(b.definition -> 'columns') col
            WHERE (col ->> 'num')::integer = c.objsubid
              AND (NOT col ? 'expression' OR c.event = 'column' AND col ->> 'generated' = 's' AND EXISTS (
                   SELECT FROM yesterday.tracked_table k WHERE k.schema_name = n.nspname AND k.table_name = r.relname)))
        GROUP BY r.oid, n.nspname, r.relname
        ORDER BY n.nspname, r.relname
    LOOP
        IF loss.event = 'drop' AND NOT loss.is_tracked THEN
            -- what emptied it unseen, nobody could tell once it is gone
            INSERT INTO yesterday.ddl_refusal (deployment, kind, identity, reason)
            SELECT $1, 'truncate', format('%I.%I', u.schema_name, u.table_name), 'its file was replaced unseen; rows that TRUNCATE took from it are gone'
            FROM yesterday._replaced_unseen($1) u WHERE u.relation = loss.oid;
            PERFORM yesterday._enter_replaced($1, ARRAY[loss.oid], true) FROM yesterday._replaced_unseen($1) u WHERE u.relation = loss.oid;
        END IF;
        relation := loss.oid;
        tracked := loss.is_tracked;
        RETURN NEXT;
        -- a copy that is made says of its columns that they are not as they were
        noted := ARRAY(SELECT c.num FROM yesterday._columns_before($1, loss.oid) c WHERE NOT loss.is_tracked AND c.kept);
        -- new values of a type without a cast back would leave nothing to put in the column of before
        -- nor would a key that goes leave anything to find the captured rows by
        -- (the key of the records, which need not be the table's any more);
        -- what others wrote since it was emptied, nobody has captured
        IF NOT tracked OR loss.was_emptied OR loss.event = 'type' OR (loss.event = 'column' AND (EXISTS (
               SELECT FROM yesterday._table_key(loss.oid) k JOIN pg_attribute a ON a.attname = ANY (k.key_columns)
               WHERE a.attrelid = loss.oid AND a.attnum = ANY (loss.lost)) OR EXISTS (
               SELECT FROM yesterday.captured_table k JOIN yesterday.captured_column c ON c.captured_table = k.id
               WHERE k.deployment = $1 AND k.relid = loss.oid AND c.column_name = ANY (k.key_columns)
                 AND c.attnum = ANY (loss.lost)))) THEN
            PERFORM yesterday._save_table($1, loss.oid, loss.nspname, loss.relname, loss.event,
                                          CASE WHEN loss.event <> 'drop' THEN loss.lost END,
                                          CASE WHEN loss.was_emptied AND loss.event <> 'type' THEN $1 END);
        END IF;
        IF NOT loss.is_tracked THEN
            PERFORM yesterday._note_rows($1, loss.oid, loss.event, CASE WHEN loss.event <> 'drop' THEN loss.lost END, noted);
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._save_before(bigint, bigint[], bigint[]) IS 'internal: saves what a command is about to destroy';
REVOKE ALL ON FUNCTION yesterday._save_before(bigint, bigint[], bigint[]) FROM PUBLIC;

-- yesterday._types_with(type): types that have this one inside: its array, domains and ranges over it, composite types
-- and row types with a column of it.
CREATE FUNCTION yesterday._types_with(type oid) RETURNS TABLE (type oid, how text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT y.typarray, 'array' FROM pg_type y WHERE y.oid = $1 AND y.typarray <> 0
    UNION ALL SELECT y.oid, 'domain' FROM pg_type y WHERE y.typbasetype = $1
    UNION ALL SELECT r.rngtypid, 'range' FROM pg_range r WHERE r.rngsubtype = $1
    UNION ALL SELECT r.rngmultitypid, 'range' FROM pg_range r WHERE r.rngtypid = $1
    UNION ALL SELECT c.reltype, 'row' FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
              WHERE a.atttypid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('c', 'r', 'p') AND c.reltype <> 0
$function$;
COMMENT ON FUNCTION yesterday._types_with(oid) IS 'internal: types that have a type inside';
REVOKE ALL ON FUNCTION yesterday._types_with(oid) FROM PUBLIC;

-- yesterday._tables_with_type(type): the tracked tables with values of an enum, in order of their names; but not those
-- whose rows are told apart by all of their values, or by one that has labels inside which are written by another type.
CREATE FUNCTION yesterday._tables_with_type(type oid) RETURNS TABLE (relation oid, tracked boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE inside AS (
        SELECT $1 AS type
        UNION
        SELECT u.type FROM inside i CROSS JOIN LATERAL yesterday._types_with(i.type) u
    ), labels AS (
        SELECT $1 AS type
        UNION
        SELECT u.type FROM labels l CROSS JOIN LATERAL yesterday._types_with(l.type) u WHERE u.how IN ('array', 'domain')
    )
    SELECT r.oid, true
    FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
    JOIN yesterday.tracked_table k ON k.schema_name = n.nspname AND k.table_name = r.relname
    WHERE r.relkind = 'r' AND r.relpersistence <> 't'
      AND EXISTS (SELECT FROM inside i JOIN pg_attribute a ON a.atttypid = i.type
                  WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)
      AND NOT EXISTS (SELECT FROM inside i JOIN pg_attribute a ON a.atttypid = i.type
                      CROSS JOIN LATERAL yesterday._table_key(r.oid) t
                      WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
                        AND (a.attname = ANY (t.key_columns) AND i.type NOT IN (SELECT l.type FROM labels l)
                             OR cardinality(t.key_columns) = 0))
    ORDER BY n.nspname, r.relname
$function$;
COMMENT ON FUNCTION yesterday._tables_with_type(oid) IS 'internal: tracked tables with values of a type';
REVOKE ALL ON FUNCTION yesterday._tables_with_type(oid) FROM PUBLIC;

-- yesterday._save_table(...): one copy. Of a table that stays only the lost columns and what finds the row again: a
-- key of columns that are not lost, or else all of them. Rows that the deployment but_of wrote are left out.
CREATE FUNCTION yesterday._save_table(deployment bigint, relation oid, schema_name name, table_name name,
                                      event text, lost smallint[], but_of bigint)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    key smallint[];
    copy bigint := nextval('yesterday.saved_table_id_seq');
    shadow name := format('s%s_%s', deployment, copy);
    saved bigint;
BEGIN
    key := coalesce((
        SELECT i.indkey::smallint[]
        FROM (SELECT x.indexrelid, x.indisprimary, (x.indkey::smallint[])[0:x.indnkeyatts - 1] AS indkey
              FROM pg_index x
              WHERE x.indrelid = relation AND yesterday._is_key_index(x.indexrelid)) i
        WHERE NOT i.indkey && coalesce(lost, '{}')
        ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1), '{}');
    saved := yesterday._save_rows(relation,
        CASE WHEN lost IS NOT NULL AND cardinality(key) > 0
             -- a slice of an index's key counts from 0
             THEN ARRAY(SELECT k FROM unnest(key) k) || lost END, shadow, but_of);
    INSERT INTO yesterday.saved_table
        (id, deployment, event, schema_name, table_name, relid, shadow_name, key_columns, lost, rows, unique_keys)
    VALUES (copy, deployment, event, schema_name, table_name, relation, shadow,
            ARRAY(SELECT k FROM unnest(key) k), lost, saved,
            (SELECT coalesce(jsonb_agg(to_jsonb(x.indkey::smallint[])), '[]') FROM pg_index x
             WHERE x.indrelid = relation AND x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
               AND x.indnatts = x.indnkeyatts));
END
$function$;
COMMENT ON FUNCTION yesterday._save_table(bigint, oid, name, name, text, smallint[], bigint) IS 'internal: one copy of rows before DDL destroys them';
REVOKE ALL ON FUNCTION yesterday._save_table(bigint, oid, name, name, text, smallint[], bigint) FROM PUBLIC;

-- yesterday._save_after(deployment): copies the columns whose type just changed once more, so that a rollback can
-- tell values that the change made from values that somebody wrote since.
CREATE FUNCTION yesterday._save_after(deployment bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    saved record;
BEGIN
    FOR saved IN
        SELECT s.* FROM yesterday.saved_table s
        JOIN pg_class c ON c.oid = s.relid
        WHERE s.deployment = $1 AND s.event = 'type' AND s.after_name IS NULL
    LOOP
        PERFORM yesterday._save_rows(saved.relid,
            CASE WHEN cardinality(saved.key_columns) > 0 THEN saved.key_columns || saved.lost END,
            (saved.shadow_name || 'a')::name);
        UPDATE yesterday.saved_table s SET after_name = saved.shadow_name || 'a' WHERE s.id = saved.id;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._save_after(bigint) IS 'internal: copies columns once more after their type changed';
REVOKE ALL ON FUNCTION yesterday._save_after(bigint) FROM PUBLIC;

