-- What deployments did to types inside of the values of a table's columns, so that what was captured before says something else by
-- now, or nothing that they can read: labels renamed inside a composite value or a range, attributes that came or went. (A value that
-- is a label itself, or an array of labels, is spelled anew: see _spellings_since().) Newest first.
CREATE FUNCTION yesterday._values_since(schema_name name, table_name name, since bigint)
RETURNS TABLE (deployment bigint, detail text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE inside (type, column_name, deep) AS (
        SELECT a.atttypid, a.attname, false
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384
        UNION
        SELECT x.type, i.column_name, i.deep OR x.deep
        FROM inside i
        JOIN pg_type y ON y.oid = i.type
        CROSS JOIN LATERAL (
            SELECT y.typbasetype AS type, false AS deep WHERE y.typtype = 'd'
            UNION ALL SELECT y.typelem, false WHERE y.typcategory = 'A' AND y.typelem <> 0
            UNION ALL SELECT r.rngsubtype, true FROM pg_range r WHERE y.oid IN (r.rngtypid, r.rngmultitypid)
            UNION ALL SELECT a.atttypid, true FROM pg_attribute a WHERE a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        ) x
        WHERE x.type >= 16384
    ), used AS (
        SELECT i.type, i.column_name, i.deep, format('%I.%I', n.nspname, y.typname) AS identity, y.typrelid
        FROM inside i JOIN pg_type y ON y.oid = i.type JOIN pg_namespace n ON n.oid = y.typnamespace
        WHERE i.deep AND y.typtype = 'e' OR y.typtype = 'c'
    ), changed AS (
        SELECT d.id, u.column_name, b.kind, b.identity, b.definition AS before,
               -- attributes in use keep their types. One that is open knows the type by its number, a finished one by its name of then: it may have been made anew since
               CASE WHEN d.status = 'finished' THEN a.definition
                    WHEN b.kind = 'enum' THEN (SELECT jsonb_build_object('labels', jsonb_agg(l.enumlabel ORDER BY l.oid), 'label_ids', jsonb_agg(l.oid::bigint::text ORDER BY l.oid))
                                               FROM pg_enum l WHERE l.enumtypid = u.type)
                    ELSE (SELECT jsonb_build_object('attributes', jsonb_agg(jsonb_build_object('num', t.attnum) ORDER BY t.attnum))
                          FROM pg_attribute t WHERE t.attrelid = u.typrelid AND t.attnum > 0 AND NOT t.attisdropped) END AS after
        FROM yesterday.deployment d
        JOIN yesterday.schema_object b ON b.deployment = d.id AND b.phase = 'before' AND b.kind IN ('enum', 'composite type')
        LEFT JOIN yesterday.schema_object a ON a.deployment = d.id AND a.phase = 'after' AND a.classid = b.classid AND a.objid = b.objid
        JOIN used u ON u.type = b.objid OR d.status = 'finished' AND u.identity = a.identity
        WHERE d.id >= since AND d.status IN ('open', 'finished')
    )
    SELECT c.id, format('%s %s inside of column %I: %s', c.kind, c.identity, c.column_name, w.what)
    FROM changed c
    CROSS JOIN LATERAL (
        SELECT format('label %L was %L', n.value, o.value) AS what
        FROM jsonb_array_elements_text(c.before -> 'labels') WITH ORDINALITY AS o
        JOIN jsonb_array_elements_text(c.after -> 'labels') WITH ORDINALITY AS n
            ON c.after -> 'label_ids' ->> (n.ordinality - 1)::integer = c.before -> 'label_ids' ->> (o.ordinality - 1)::integer
        WHERE c.kind = 'enum' AND n.value <> o.value
        UNION ALL
        SELECT format('it had the attributes (%s)', (SELECT string_agg(x ->> 'name', ', ' ORDER BY (x ->> 'num')::integer)
                                                     FROM jsonb_array_elements(c.before -> 'attributes') x))
        WHERE c.kind = 'composite type'
          AND (SELECT jsonb_agg(x -> 'num' ORDER BY (x ->> 'num')::integer) FROM jsonb_array_elements(c.before -> 'attributes') x)
              IS DISTINCT FROM
              (SELECT jsonb_agg(x -> 'num' ORDER BY (x ->> 'num')::integer) FROM jsonb_array_elements(c.after -> 'attributes') x)
    ) w
    ORDER BY c.id DESC, c.column_name, w.what
$function$;
COMMENT ON FUNCTION yesterday._values_since(name, name, bigint) IS 'what deployments since did to types inside of the values of a table';
REVOKE ALL ON FUNCTION yesterday._values_since(name, name, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._values_since(name, name, bigint) TO yesterday_viewer;
