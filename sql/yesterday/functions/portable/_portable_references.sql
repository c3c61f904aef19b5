-- The foreign keys of a table whose columns have to be told by what they refer to, because the values themselves are
-- local. parent 0: that cannot be told, and only whether there is a reference counts.
CREATE FUNCTION yesterday._portable_references(relation oid)
RETURNS TABLE (name text, columns smallint[], is_key boolean, parent oid, index oid, parent_columns smallint[], equal oid[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH counted AS MATERIALIZED (
        SELECT c.* FROM yesterday._portable_columns(relation) c
    ), reference AS (
        SELECT k.conkey, k.confkey, k.confrelid, k.conindid, k.conpfeqop, to_jsonb(k)->>'conperiod' IS DISTINCT FROM 'true' AS is_ordinary
        FROM pg_constraint k
        WHERE k.conrelid = relation AND k.contype = 'f'
          AND to_jsonb(k)->>'conenforced' IS DISTINCT FROM 'false'
          -- to a partitioned table there is one more for each partition of it
          AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
          AND k.conkey <@ (SELECT array_agg(c.attnum) FROM counted c)
    )
    SELECT format('%s>%s.%s', (SELECT string_agg(quote_ident(c.attname), ',' ORDER BY c.attname COLLATE "C") FROM counted c WHERE c.attnum = ANY (r.conkey)),
                  quote_ident(n.nspname), quote_ident(t.relname)),
           r.conkey, EXISTS (SELECT FROM counted c WHERE c.is_key AND c.attnum = ANY (r.conkey)),
           CASE WHEN r.is_ordinary AND x.indisvalid AND (p.key_kind <> 'row' OR is_tracked.yes) THEN r.confrelid ELSE 0 END,
           r.conindid, r.confkey, r.conpfeqop
    FROM reference r
    JOIN pg_class t ON t.oid = r.confrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    LEFT JOIN pg_index x ON x.indexrelid = r.conindid
    CROSS JOIN LATERAL yesterday._portable_key(r.confrelid) p
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM yesterday._tracked_entry(r.confrelid)) AS yes) is_tracked
    -- values that are a natural key themselves are told as they are
    WHERE NOT (p.key_kind <> 'row' AND r.confkey <@ p.columns
               AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = r.confrelid AND f.contype = 'f' AND f.conkey && r.confkey));
$function$;
COMMENT ON FUNCTION yesterday._portable_references(oid) IS 'foreign keys that have to be told by what they refer to';
REVOKE ALL ON FUNCTION yesterday._portable_references(oid) FROM PUBLIC;

