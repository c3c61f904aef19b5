-- The columns of a table that count for alignment. Local columns do not; nor does a surrogate primary key where
-- another one tells the rows apart, or nothing does.
CREATE FUNCTION yesterday._portable_columns(relation oid)
RETURNS TABLE (attnum smallint, attname name, is_key boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT a.attnum, a.attname, a.attnum = ANY (k.columns)
    FROM yesterday._portable_key(relation) k
    CROSS JOIN (SELECT coalesce((SELECT e.local_columns FROM yesterday._tracked_entry(relation) e), '{}') AS local_columns) e
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
    WHERE a.attnum = ANY (k.columns)
       OR a.attname <> ALL (e.local_columns)
          AND NOT EXISTS (
              SELECT FROM pg_constraint p
              WHERE p.conrelid = relation AND p.contype = 'p' AND a.attnum = ANY (p.conkey)
                AND (k.key_kind <> 'row' AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'uuid'::regtype)
                     AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = relation AND f.contype = 'f' AND a.attnum = ANY (f.conkey))
                     OR yesterday._is_surrogate(pg_get_expr(d.adbin, d.adrelid), a.attidentity)));
$function$;
COMMENT ON FUNCTION yesterday._portable_columns(oid) IS 'columns of a table that count for alignment';
REVOKE ALL ON FUNCTION yesterday._portable_columns(oid) FROM PUBLIC;

