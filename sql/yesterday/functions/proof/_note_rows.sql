-- yesterday._note_rows(deployment, relation, event, lost, columns): hashes of the rows of a business table that a command is
-- about to take something from: these columns, or all of it (null). The first of its commands leaves them, of all
-- "columns" that are still as before; later ones see whether somebody has written meanwhile what they are about to
-- take, and if so leave them once more.
CREATE FUNCTION yesterday._note_rows(deployment bigint, relation oid, event text, lost smallint[], columns smallint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    head yesterday.compared_table;
    there smallint[];
    found record;
    differing smallint[];
    is_known boolean := false;
    made bigint;
BEGIN
    IF (SELECT d.proof_level FROM yesterday.deployment d WHERE d.id = $1) <> 'full' THEN
        RETURN;
    END IF;
    FOR head IN SELECT c.* FROM yesterday.compared_table c WHERE c.deployment = $1 AND c.relid = $2 ORDER BY c.id LOOP
        there := yesterday._columns_there($2, head.columns);
        found := yesterday._row_sums($2, there);
        differing := ARRAY(SELECT x.num FROM unnest(head.columns, there, head.sums, found.sums) AS x (num, now, then_sum, now_sum)
                           WHERE x.now <> 0 AND x.now_sum <> coalesce((head.ends ->> x.num::text)::bigint, x.then_sum));
        UPDATE yesterday.compared_table c
        SET written = c.written || ARRAY(SELECT n FROM unnest(differing) n WHERE $4 IS NULL OR n = ANY ($4)),
            loose = c.loose OR ($4 IS NULL AND differing <> '{}'),
            retyping = CASE WHEN $3 = 'type' THEN $4 ELSE '{}' END
        WHERE c.id = head.id;
        is_known := CASE WHEN $4 IS NULL THEN differing = '{}' ELSE NOT differing && $4 END;
    END LOOP;
    IF is_known THEN
        RETURN;
    END IF;
    INSERT INTO yesterday.compared_table (deployment, relid, schema_name, table_name, columns, keys, retyping)
    SELECT $1, $2, o.schema_name, o.object_name,
           $5,
           (SELECT coalesce(jsonb_agg(to_jsonb((x.indkey::smallint[])[0:x.indnkeyatts - 1]) ORDER BY x.indisprimary DESC, x.indexrelid), '[]')
            FROM pg_index x WHERE x.indrelid = $2 AND yesterday._is_key_index(x.indexrelid)),
           CASE WHEN $3 = 'type' THEN $4 ELSE '{}' END
    FROM yesterday.schema_object o
    WHERE o.deployment = $1 AND o.phase = 'before' AND o.classid = 'pg_class'::regclass AND o.objid = $2
    RETURNING id INTO made;
    UPDATE yesterday.compared_table c SET (rows, row_sum, sums) = (SELECT s.rows, s.row_sum, s.sums FROM yesterday._row_sums($2, c.columns, NULL, made) s)
    WHERE c.id = made;
END
$function$;
COMMENT ON FUNCTION yesterday._note_rows(bigint, oid, text, smallint[], smallint[]) IS 'internal: hashes of rows that a command takes something from';
REVOKE ALL ON FUNCTION yesterday._note_rows(bigint, oid, text, smallint[], smallint[]) FROM PUBLIC;

-- yesterday._note_rows_after(deployment): sums of the columns whose type just changed, by which what somebody writes
-- there afterwards is seen.
CREATE FUNCTION yesterday._note_rows_after(deployment bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    head yesterday.compared_table;
    there smallint[];
BEGIN
    FOR head IN SELECT c.* FROM yesterday.compared_table c JOIN pg_class r ON r.oid = c.relid WHERE c.deployment = $1 AND c.retyping <> '{}' LOOP
        there := yesterday._columns_there(head.relid, ARRAY(SELECT CASE WHEN n = ANY (head.retyping) THEN n ELSE 0::smallint END
                                                            FROM unnest(head.columns) WITH ORDINALITY AS u (n, o) ORDER BY o));
        UPDATE yesterday.compared_table c
        SET retyping = '{}',
            ends = c.ends || (SELECT coalesce(jsonb_object_agg(x.num, x.sum) FILTER (WHERE x.now <> 0), '{}')
                              FROM yesterday._row_sums(head.relid, there) s
                              CROSS JOIN LATERAL unnest(head.columns, there, s.sums) AS x (num, now, sum))
        WHERE c.id = head.id;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._note_rows_after(bigint) IS 'internal: sums of columns whose type just changed';
REVOKE ALL ON FUNCTION yesterday._note_rows_after(bigint) FROM PUBLIC;

-- yesterday._columns_there(relation, columns): the same numbers, 0 for a column that is not there any more.
CREATE FUNCTION yesterday._columns_there(relation oid, columns smallint[]) RETURNS smallint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT ARRAY(SELECT coalesce(a.attnum, 0::smallint)
                 FROM unnest($2) WITH ORDINALITY AS u (n, o)
                 LEFT JOIN pg_attribute a ON a.attrelid = $1 AND a.attnum = u.n AND u.n > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                 ORDER BY u.o)
$function$;
COMMENT ON FUNCTION yesterday._columns_there(oid, smallint[]) IS 'internal: columns that a table still has';
REVOKE ALL ON FUNCTION yesterday._columns_there(oid, smallint[]) FROM PUBLIC;
