-- What counts of the rows of a table, by name: plain columns, and foreign keys by what they refer to (parent 0: only
-- whether there is a reference).
CREATE FUNCTION yesterday._portable_plan(relation oid)
RETURNS TABLE (name text, is_key boolean, columns smallint[], parent oid, index oid, parent_columns smallint[], equal oid[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH reference AS MATERIALIZED (
        SELECT r.* FROM yesterday._portable_references(relation) r
    )
    SELECT * FROM (
        SELECT quote_ident(c.attname) AS name, c.is_key, ARRAY[c.attnum], NULL::oid, NULL::oid, NULL::smallint[], NULL::oid[]
        FROM yesterday._portable_columns(relation) c
        WHERE NOT EXISTS (SELECT FROM reference r WHERE c.attnum = ANY (r.columns))
        UNION ALL
        SELECT r.name, r.is_key, r.columns, r.parent, r.index, r.parent_columns, r.equal FROM reference r) x
    ORDER BY x.name COLLATE "C";
$function$;
COMMENT ON FUNCTION yesterday._portable_plan(oid) IS 'what counts of the rows of a table for alignment';
REVOKE ALL ON FUNCTION yesterday._portable_plan(oid) FROM PUBLIC;

