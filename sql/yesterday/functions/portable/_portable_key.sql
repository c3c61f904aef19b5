-- What tells the rows of a table apart in every database: the natural key that track() was given; else the primary
-- key, or a unique index without nulls, if nothing in it is local. Kind "row": nothing does.
CREATE FUNCTION yesterday._portable_key(relation oid, OUT key_kind text, OUT columns smallint[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH entry AS (
        SELECT e.natural_key, coalesce(e.local_columns, '{}') AS local_columns
        FROM (VALUES (true)) one LEFT JOIN yesterday._tracked_entry(relation) e ON true
    ), attribute AS (
        SELECT a.attnum, a.attname, a.attnotnull,
               a.attname = ANY (e.local_columns) OR yesterday._is_surrogate(pg_get_expr(d.adbin, d.adrelid), a.attidentity) AS is_local
        FROM entry e, pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
    ), candidate AS (
        SELECT 1 AS rank, 'natural' AS kind, (SELECT array_agg(a.attnum) FROM attribute a WHERE a.attname = ANY (e.natural_key)) AS columns,
               '' AS names
        FROM entry e
        WHERE cardinality(e.natural_key) > 0 AND e.natural_key <@ (SELECT array_agg(a.attname) FROM attribute a)
        UNION ALL
        SELECT CASE WHEN i.indisprimary THEN 2 ELSE 2 + i.indnkeyatts END, CASE WHEN i.indisprimary THEN 'primary' ELSE 'unique' END,
               k.columns, k.names
        FROM pg_index i
        CROSS JOIN LATERAL (
            SELECT array_agg(a.attnum) AS columns, string_agg(a.attname, ',' ORDER BY a.attname COLLATE "C") AS names,
                   coalesce(bool_and(a.attnotnull AND NOT a.is_local) AND count(*) = i.indnkeyatts, false) AS is_good
            FROM attribute a WHERE a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1])) k
        WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND k.is_good
    )
    SELECT coalesce(c.kind, 'row'), coalesce(c.columns, '{}')
    FROM (VALUES (true)) one
    LEFT JOIN (SELECT * FROM candidate ORDER BY rank, names COLLATE "C" LIMIT 1) c ON true;
$function$;
COMMENT ON FUNCTION yesterday._portable_key(oid) IS 'what tells the rows of a table apart in every database';
REVOKE ALL ON FUNCTION yesterday._portable_key(oid) FROM PUBLIC;

