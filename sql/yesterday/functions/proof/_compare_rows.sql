-- The proof on business tables: rows that DDL of the deployment took something from, and rows that its inverse writes
-- anew. In three parts: before the rehearsal, in it, and after it was undone. Each item is one table, or one more look at it.

-- yesterday._rows_to_compare(deployment, again): before the rehearsal. Locks the tables, as the rehearsal will, and takes sums
-- of their rows as they are.
--   again     of a deployment that has finished, these tables: by the columns that nothing has been done to, in all rows of now
--   kept      columns that nothing has been done to: the rollback leaves their values as they are
--   strict    columns that nobody can have written since a command took them, or gave them another type
--   telling   what tells rows apart: a key, or all that is kept
CREATE FUNCTION yesterday._rows_to_compare(deployment bigint, again oid[] DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    item record;
    kept smallint[];
    there smallint[];
    telling smallint[];
    now record;
    items jsonb := '[]';
BEGIN
    IF NOT yesterday._same_cluster($1) THEN
        RETURN items;
    END IF;
    FOR item IN
        SELECT c.id, c.relid, c.schema_name, c.table_name, c.columns, c.keys, c.rows, c.row_sum, c.sums, c.ends, c.written, c.loose
        FROM yesterday.compared_table c WHERE c.deployment = $1
        UNION ALL
        SELECT NULL, w.relid, o.schema_name, o.object_name, ARRAY(SELECT b.num FROM yesterday._columns_before($1, w.relid) b WHERE b.kept),
               '[]', NULL, NULL, NULL, '{}', '{}', false
        FROM (SELECT r.relid FROM yesterday.rewritten_table r WHERE r.deployment = $1 UNION SELECT unnest($2)) w
        JOIN yesterday.schema_object o ON o.deployment = $1 AND o.phase = 'before' AND o.classid = 'pg_class'::regclass AND o.objid = w.relid
        WHERE NOT EXISTS (SELECT FROM yesterday.compared_table c WHERE c.deployment = $1 AND c.relid = w.relid)
        ORDER BY 3, 4, 1
    LOOP
        SELECT NULL::bigint AS rows, NULL::bigint AS row_sum, NULL::bigint AS part_sum, NULL::bigint[] AS sums INTO now;
        telling := '{}';
        kept := '{}';
        there := ARRAY(SELECT 0::smallint FROM unnest(item.columns));
        IF EXISTS (SELECT FROM pg_class r WHERE r.oid = item.relid AND r.relkind = 'r') THEN
            PERFORM yesterday._lock_table(item.relid, true, NULL);
            there := yesterday._columns_there(item.relid, item.columns);
            kept := ARRAY(SELECT b.num FROM yesterday._columns_before($1, item.relid) b WHERE b.kept);
            telling := coalesce((SELECT ARRAY(SELECT n::smallint FROM jsonb_array_elements_text(k.value) n)
                                 FROM jsonb_array_elements(item.keys) WITH ORDINALITY AS k
                                 WHERE NOT EXISTS (SELECT FROM jsonb_array_elements_text(k.value) n WHERE n::smallint <> ALL (kept))
                                 ORDER BY k.ordinality LIMIT 1), kept);
            now := yesterday._row_sums(item.relid, there, ARRAY(SELECT n = ANY (kept) FROM unnest(item.columns) WITH ORDINALITY AS u (n, o) ORDER BY o));
        END IF;
        items := items || jsonb_build_array((to_jsonb(item) - 'keys') || jsonb_build_object(
            'present', now.rows IS NOT NULL, 'rows_now', now.rows, 'part_now', now.part_sum, 'sums_now', coalesce(to_jsonb(now.sums), '[]'), 'there', to_jsonb(there),
            -- what TRUNCATE took comes back, and what was written into it goes
            'emptied', EXISTS (SELECT FROM yesterday.captured_table c WHERE c.deployment = $1 AND c.relid = item.relid),
            'names', (SELECT coalesce(jsonb_agg(b.name ORDER BY u.o), '[]') FROM unnest(item.columns) WITH ORDINALITY AS u (n, o)
                      JOIN yesterday._columns_before($1, item.relid) b ON b.num = u.n),
            'kept', (SELECT jsonb_agg(u.n = ANY (kept) ORDER BY u.o) FROM unnest(item.columns) WITH ORDINALITY AS u (n, o)),
            'telling', (SELECT jsonb_agg(u.n = ANY (telling) ORDER BY u.o) FROM unnest(item.columns) WITH ORDINALITY AS u (n, o)),
            'strict', (SELECT jsonb_agg(u.n <> ALL (item.written)
                                        AND (u.t = 0 OR u.n = ANY (telling)
                                             OR u.n <> ALL (kept) AND coalesce((item.ends ->> u.n::text)::bigint = (now.sums)[u.o], false))
                                        ORDER BY u.o)
                       FROM unnest(item.columns, there) WITH ORDINALITY AS u (n, t, o))));
    END LOOP;
    RETURN items;
END
$function$;
COMMENT ON FUNCTION yesterday._rows_to_compare(bigint, oid[]) IS 'internal: business rows that a proof compares, before the rehearsal';
REVOKE ALL ON FUNCTION yesterday._rows_to_compare(bigint, oid[]) FROM PUBLIC;

-- yesterday._compare_rows(items): in the rehearsal: the items that differ, with what differs, as far as it can be told here.
CREATE FUNCTION yesterday._compare_rows(items jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    item jsonb;
    relation oid;
    there smallint[];
    now record;
    changed text[];
    missing bigint;
    unjudged bigint;
    differing jsonb := '[]';
BEGIN
    FOR item IN SELECT i FROM jsonb_array_elements(items) i LOOP
        relation := to_regclass(format('%I.%I', item ->> 'schema_name', item ->> 'table_name'));
        CONTINUE WHEN relation IS NULL;         -- the images say so
        there := ARRAY(SELECT coalesce(a.attnum, 0::smallint)
                       FROM jsonb_array_elements_text(item -> 'names') WITH ORDINALITY AS n (name, o)
                       LEFT JOIN pg_attribute a ON a.attrelid = relation AND a.attname = n.name AND NOT a.attisdropped AND a.attgenerated = ''
                       ORDER BY n.o);
        now := yesterday._row_sums(relation, there, yesterday._flags(item -> 'kept'));
        IF (item ->> 'present')::boolean AND NOT (item ->> 'emptied')::boolean
           AND (now.rows <> (item ->> 'rows_now')::bigint OR now.part_sum <> (item ->> 'part_now')::bigint) THEN
            SELECT array_agg(u.name ORDER BY u.o) INTO changed
            FROM unnest(yesterday._flags(item -> 'kept'), now.sums) WITH ORDINALITY AS f (kept, sum, o)
            JOIN jsonb_array_elements_text(item -> 'names') WITH ORDINALITY AS u (name, o) ON u.o = f.o
            JOIN jsonb_array_elements_text(item -> 'sums_now') WITH ORDINALITY AS s (sum, o) ON s.o = f.o
            WHERE f.kept AND f.sum <> s.sum::bigint;
            differing := differing || jsonb_build_array(item || jsonb_build_object('what', 'rows', 'changed', changed, 'rows_then', now.rows));
        ELSIF item ->> 'id' IS NOT NULL
              AND (now.rows <> (item ->> 'rows')::bigint OR now.row_sum <> (item ->> 'row_sum')::bigint) THEN
            missing := yesterday._find_lost_rows((item ->> 'id')::bigint, (item ->> 'rows')::bigint, relation, there,
                ARRAY(SELECT f.strict AND f.num <> 0 FROM unnest(yesterday._flags(item -> 'strict'), there) WITH ORDINALITY AS f (strict, num, o) ORDER BY f.o),
                yesterday._flags(item -> 'telling'));
            -- what tells rows apart differs because rows came or went
            SELECT array_agg(u.name ORDER BY u.o) INTO changed
            FROM unnest(yesterday._flags(item -> 'strict'), yesterday._flags(item -> 'telling'), now.sums)
                 WITH ORDINALITY AS f (strict, telling, sum, o)
            JOIN jsonb_array_elements_text(item -> 'names') WITH ORDINALITY AS u (name, o) ON u.o = f.o
            JOIN jsonb_array_elements_text(item -> 'sums') WITH ORDINALITY AS s (sum, o) ON s.o = f.o
            WHERE f.strict AND NOT f.telling AND f.sum <> s.sum::bigint;
            -- columns of another type that somebody has written since; one that went then is told by a later item
            unjudged := CASE WHEN EXISTS (SELECT FROM unnest(yesterday._flags(item -> 'strict'), yesterday._flags(item -> 'kept'),
                                                             ARRAY(SELECT t::smallint FROM jsonb_array_elements_text(item -> 'there') WITH ORDINALITY AS v (t, o) ORDER BY o))
                                                        AS f (strict, kept, there)
                                          WHERE NOT f.strict AND NOT f.kept AND f.there <> 0) THEN (item ->> 'rows')::bigint ELSE 0 END;
            IF missing > 0 OR unjudged > 0 THEN
                differing := differing || jsonb_build_array(item || jsonb_build_object(
                    'what', 'values', 'changed', changed, 'rows_then', now.rows, 'missing', missing, 'unjudged', unjudged));
            END IF;
        END IF;
    END LOOP;
    RETURN differing;
END
$function$;
COMMENT ON FUNCTION yesterday._compare_rows(jsonb) IS 'internal: business rows that a rehearsed rollback leaves otherwise';
REVOKE ALL ON FUNCTION yesterday._compare_rows(jsonb) FROM PUBLIC;

-- yesterday._judge_rows(differing, report): after the rehearsal was undone: one row a table that would not come back. What
-- somebody has written meanwhile, and what the report of the rollback names, is left out.
CREATE FUNCTION yesterday._judge_rows(differing jsonb, report jsonb)
RETURNS TABLE (schema_name text, table_name text, lost bigint, left_out bigint, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    item jsonb;
    columns text;
BEGIN
    FOR item IN SELECT i FROM jsonb_array_elements(differing) i LOOP
        schema_name := item ->> 'schema_name';
        table_name := item ->> 'table_name';
        columns := (SELECT string_agg(quote_ident(c), ', ') FROM jsonb_array_elements_text(CASE jsonb_typeof(item -> 'changed') WHEN 'array' THEN item -> 'changed' ELSE '[]' END) c);
        left_out := 0;
        IF item ->> 'what' = 'rows' THEN
            lost := greatest((item ->> 'rows_now')::bigint - (item ->> 'rows_then')::bigint, 0);
            detail := format('It has %s rows; after the rehearsed rollback: %s%s.', item ->> 'rows_now', item ->> 'rows_then',
                             CASE WHEN columns IS NOT NULL THEN ', with other values in ' || columns ELSE ', other ones' END);
        ELSE
            lost := CASE WHEN NOT (item ->> 'present')::boolean AND (item ->> 'loose')::boolean THEN 0
                         ELSE yesterday._judge_lost_rows((item ->> 'id')::bigint,
                                  CASE WHEN (item ->> 'present')::boolean THEN (item ->> 'relid')::oid END,
                                  ARRAY(SELECT n::smallint FROM jsonb_array_elements_text(item -> 'there') WITH ORDINALITY AS t (n, o) ORDER BY t.o),
                                  yesterday._flags(item -> 'telling')) END;
            lost := greatest(0, lost - coalesce((SELECT sum(r.rows) FROM yesterday._report_rows(report) r
                                                 WHERE r.subject = format('%I.%I', schema_name, table_name) AND r.outcome = 'unplaceable'), 0));
            left_out := greatest((item ->> 'missing')::bigint - lost, (item ->> 'unjudged')::bigint);
            detail := format('%s of the %s rows that a command of the deployment found there would not come back as they were%s.',
                             lost, item ->> 'rows', CASE WHEN columns IS NOT NULL THEN ': other values in ' || columns ELSE '' END);
            IF lost = 0 THEN
                detail := NULL;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._judge_rows(jsonb, jsonb) IS 'internal: business rows that would be lost';
REVOKE ALL ON FUNCTION yesterday._judge_rows(jsonb, jsonb) FROM PUBLIC;

-- yesterday._flags(array): a JSON array of booleans as an array.
CREATE FUNCTION yesterday._flags(flags jsonb) RETURNS boolean[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT ARRAY(SELECT f.value::boolean FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(flags) = 'array' THEN flags ELSE '[]' END)
                 WITH ORDINALITY AS f ORDER BY f.ordinality)
$function$;
COMMENT ON FUNCTION yesterday._flags(jsonb) IS 'internal: a JSON array of booleans as an array';
REVOKE ALL ON FUNCTION yesterday._flags(jsonb) FROM PUBLIC;

-- yesterday._rows_unseen(deployment): business tables that the deployment took rows or values from, and of which nothing was
-- noted before: whatever did it, nobody can say what they were.
CREATE FUNCTION yesterday._rows_unseen(deployment bigint) RETURNS TABLE (schema_name name, table_name name, what text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT b.schema_name, b.object_name,
           CASE WHEN a.objid IS NULL THEN 'the table is gone' ELSE 'columns of it are gone, or have another type' END
    FROM yesterday.schema_object b
    LEFT JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = b.classid AND a.objid = b.objid
    WHERE b.deployment = $1 AND b.phase = 'before' AND b.kind = 'table' AND NOT b.definition ? 'partitioned'
      AND (a.objid IS NULL
           OR a.definition <> b.definition AND EXISTS (
               SELECT FROM jsonb_array_elements(b.definition -> 'columns') c
               WHERE NOT c ? 'expression'
                 AND NOT EXISTS (SELECT FROM jsonb_array_elements(a.definition -> 'columns') n
                                 JOIN pg_attribute t ON t.attrelid = b.objid AND t.attnum = (n ->> 'num')::smallint
                                 WHERE n -> 'num' = c -> 'num'
                                   -- a type that users made may have another name now, or be another one that is saved
                                   AND (n -> 'type' = c -> 'type' OR t.atttypid >= 16384
                                        OR yesterday._holds_all(c ->> 'type', n ->> 'type')
                                        OR c ->> 'type' = 'real' AND n ->> 'type' = 'double precision'))))
      AND (b.classid, b.objid) IN (SELECT m.classid, m.objid FROM yesterday._deployment_objects($1, true) m)
      AND (b.classid, b.objid) NOT IN (SELECT m.classid, m.objid FROM yesterday._deployment_objects($1, false) m)
      AND NOT EXISTS (SELECT FROM yesterday.compared_table c WHERE c.deployment = $1 AND c.relid = b.objid)
      AND NOT EXISTS (SELECT FROM yesterday.captured_table c WHERE c.deployment = $1 AND c.relid = b.objid)
      AND NOT EXISTS (SELECT FROM yesterday.tracked_table t WHERE t.schema_name = b.schema_name AND t.table_name = b.object_name)
      -- one that it has renamed is under capture by its new name
      AND NOT EXISTS (SELECT FROM yesterday.deployment_baseline n WHERE n.deployment = $1 AND n.relid = b.objid AND n.tracked IS NOT NULL)
      AND yesterday._same_cluster($1)
$function$;
COMMENT ON FUNCTION yesterday._rows_unseen(bigint) IS 'internal: business tables that lost something unseen';
REVOKE ALL ON FUNCTION yesterday._rows_unseen(bigint) FROM PUBLIC;
