-- Digests by which aligned targets are told from others: of the rows of each tracked table, and of its structure with
-- all its parts. Layers null: all of them; whose differences are expected says the column layer.
CREATE FUNCTION yesterday.portable_digest(layers text[] DEFAULT NULL)
RETURNS TABLE (layer text, schema_name name, table_name name, kind text, rows bigint, digest text, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    -- our own image, beside those of others who ask at the same time
    image bigint := - pg_backend_pid()::bigint;
    entry record;
    found record;
BEGIN
    PERFORM yesterday._take_table_image(image);
    FOR entry IN
        SELECT t.layer, t.schema_name, t.table_name, c.oid
        FROM yesterday.tracked_table t
        LEFT JOIN pg_namespace n ON n.nspname = t.schema_name
        LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind IN ('r', 'p')
        WHERE (layers IS NULL OR t.layer = ANY (layers)) AND NOT coalesce(c.relispartition, false)
        ORDER BY t.layer COLLATE "C", t.schema_name COLLATE "C", t.table_name COLLATE "C"
    LOOP
        layer := entry.layer;
        schema_name := entry.schema_name;
        table_name := entry.table_name;
        IF entry.oid IS NULL THEN
            kind := 'rows'; rows := NULL; digest := NULL;
            detail := 'the table does not exist';
            RETURN NEXT;
            CONTINUE;
        END IF;
        SELECT * INTO found FROM yesterday._portable_digest(entry.oid);
        kind := 'rows';
        rows := found.rows;
        digest := found.digest;
        SELECT 'only whether there is a reference counts: ' || string_agg(r.name, ', ' ORDER BY r.name) INTO detail
        FROM yesterday._portable_references(entry.oid) r WHERE r.parent = 0;
        RETURN NEXT;
        kind := 'structure';
        detail := NULL;
        SELECT count(*), yesterday._structure_digest(jsonb_agg(jsonb_build_array(o.kind, o.identity, o.definition)))
        INTO rows, digest
        FROM yesterday.schema_object o
        WHERE o.deployment = image AND o.phase = 'now'
          AND (o.classid = 'pg_class'::regclass AND o.objid = entry.oid OR o.parent = entry.oid);
        RETURN NEXT;
    END LOOP;
    DELETE FROM yesterday.schema_object o WHERE o.deployment = image;
END
$function$;
COMMENT ON FUNCTION yesterday.portable_digest(text[]) IS 'digests of rows and structure of tracked tables that are the same in every aligned target';
REVOKE ALL ON FUNCTION yesterday.portable_digest(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.portable_digest(text[]) TO yesterday_viewer;

