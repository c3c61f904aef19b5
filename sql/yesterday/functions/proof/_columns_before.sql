-- yesterday._holds_all(type, other): does this other type hold the same values, written the same? How many characters
-- it takes of them is not asked: what is too long for it, the command refuses.
CREATE FUNCTION yesterday._holds_all(type text, other text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT $1 IN ('smallint', 'integer') AND $2 IN ('smallint', 'integer', 'bigint')
           OR regexp_replace($1, '\(\d+\)$', '') IN ('text', 'character varying')
              AND regexp_replace($2, '\(\d+\)$', '') IN ('text', 'character varying')
$function$;
COMMENT ON FUNCTION yesterday._holds_all(text, text) IS 'internal: another type for the same values';
REVOKE ALL ON FUNCTION yesterday._holds_all(text, text) FROM PUBLIC;

-- yesterday._labels_renamed(deployment, enum): whether a deployment that has finished renamed labels of an enum.
CREATE FUNCTION yesterday._labels_renamed(deployment bigint, enum_type oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM yesterday.deployment d
        CROSS JOIN LATERAL yesterday._labels_before(d.id, $2) l
        LEFT JOIN pg_enum e ON e.oid = l.id
        WHERE d.id = $1 AND d.status = 'finished' AND e.enumlabel IS DISTINCT FROM l.label)
$function$;
COMMENT ON FUNCTION yesterday._labels_renamed(bigint, oid) IS 'internal: whether a finished deployment renamed labels';
REVOKE ALL ON FUNCTION yesterday._labels_renamed(bigint, oid) FROM PUBLIC;

-- yesterday._columns_reshaped(deployment, relation): columns whose values are written otherwise because a type inside theirs was
-- changed while the deployment was open. A label that is renamed is written as before where it is the whole value, or
-- an element of it, until the deployment has finished.
CREATE FUNCTION yesterday._columns_reshaped(deployment bigint, relation oid) RETURNS SETOF smallint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE inside AS (
        SELECT a.attnum AS num, a.atttypid AS type, true AS spelled
        FROM pg_attribute a
        WHERE a.attrelid = $2 AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384
        UNION
        SELECT i.num, u.type, i.spelled AND u.is_plain
        FROM inside i
        JOIN pg_type y ON y.oid = i.type
        CROSS JOIN LATERAL (
            SELECT y.typelem, true
            UNION ALL SELECT y.typbasetype, true
            UNION ALL SELECT r.rngsubtype, false FROM pg_range r WHERE y.oid IN (r.rngtypid, r.rngmultitypid)
            UNION ALL SELECT t.atttypid, false FROM pg_attribute t WHERE t.attrelid = y.typrelid AND t.attnum > 0 AND NOT t.attisdropped
        ) AS u (type, is_plain)
        WHERE u.type >= 16384
    )
    SELECT DISTINCT i.num
    FROM inside i
    JOIN pg_type y ON y.oid = i.type AND (y.typtype = 'c' OR y.typtype = 'e' AND (NOT i.spelled OR yesterday._labels_renamed($1, y.oid)))
    WHERE EXISTS (SELECT FROM yesterday.ddl_entry e
                  WHERE e.deployment = $1 AND (e.classid = 'pg_type'::regclass AND e.objid = y.oid
                                               OR e.classid = 'pg_class'::regclass AND e.objid = y.typrelid))
$function$;
COMMENT ON FUNCTION yesterday._columns_reshaped(bigint, oid) IS 'internal: columns with a type inside that was changed';
REVOKE ALL ON FUNCTION yesterday._columns_reshaped(bigint, oid) FROM PUBLIC;

-- yesterday._columns_before(deployment, relation): the columns that hold values of their own and that a table had before the
-- deployment, in their order.
--   there   it has them now (0: it does not)
--   kept    and nothing has been done to their values: they are written as before
CREATE FUNCTION yesterday._columns_before(deployment bigint, relation oid)
RETURNS TABLE (num smallint, name name, there smallint, kept boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT b.num, b.name, coalesce(a.attnum, 0::smallint),
           a.attnum IS NOT NULL
           AND (b.type = format_type(a.atttypid, a.atttypmod) OR yesterday._holds_all(b.type, format_type(a.atttypid, a.atttypmod)))
           AND NOT EXISTS (SELECT FROM yesterday.saved_table s
                           WHERE s.deployment = $1 AND s.relid = $2 AND s.event = 'type' AND b.num = ANY (s.lost))
           AND b.num NOT IN (SELECT r FROM yesterday._columns_reshaped($1, $2) r)
    FROM (SELECT (c.value ->> 'num')::smallint AS num, (c.value ->> 'name')::name AS name, c.value ->> 'type' AS type, c.ordinality
          FROM yesterday.schema_object o
          CROSS JOIN LATERAL jsonb_array_elements(o.definition -> 'columns') WITH ORDINALITY AS c
          WHERE o.deployment = $1 AND o.phase = 'before' AND o.classid = 'pg_class'::regclass AND o.objid = $2
            AND NOT c.value ? 'expression') b
    LEFT JOIN pg_attribute a ON a.attrelid = $2 AND a.attnum = b.num AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY b.ordinality
$function$;
COMMENT ON FUNCTION yesterday._columns_before(bigint, oid) IS 'internal: columns of a table before a deployment, and what became of them';
REVOKE ALL ON FUNCTION yesterday._columns_before(bigint, oid) FROM PUBLIC;
