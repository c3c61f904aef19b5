-- What a manifest says must be understood as a whole when the deployment begins, and every
-- table that it names must exist and be tracked.
CREATE FUNCTION yesterday._check_manifest_names(manifest jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    declared record;
    relation regclass;
    wrong text;
BEGIN
    IF manifest IS NULL THEN
        RETURN;
    END IF;
    IF jsonb_typeof(manifest) <> 'object' OR jsonb_typeof(coalesce(manifest->'tables', '{}')) <> 'object' THEN
        RAISE EXCEPTION 'the manifest is not an object with an object "tables"'
            USING ERRCODE = 'YD013',
                  DETAIL = format('It begins with %s.', left(manifest::text, 60)),
                  HINT = 'For example {"tables": {"public.screen": {"keys": null}}, "objects": "any"}.';
    END IF;
    SELECT format('the manifest has an unknown key "%s"', k) INTO wrong
    FROM jsonb_object_keys(manifest) k WHERE k NOT IN ('bundle', 'tables', 'copies', 'objects') LIMIT 1;
    IF wrong IS NULL AND manifest ? 'objects' AND manifest->'objects' NOT IN ('"any"', 'null')
       AND (jsonb_typeof(manifest->'objects') <> 'array' OR jsonb_path_exists(manifest, '$.objects[*] ? (@.type() != "string")'))
    THEN
        wrong := '"objects" of the manifest is neither "any" nor an array of names';
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '%', wrong
            USING ERRCODE = 'YD013',
                  DETAIL = 'A manifest has the keys "tables", "objects", "copies" and "bundle".',
                  HINT = 'For example {"tables": {"public.screen": {"keys": null}}, "objects": "any"}.';
    END IF;
    FOR declared IN SELECT key, value FROM jsonb_each(coalesce(manifest->'tables', '{}'))
    LOOP
        BEGIN
            relation := to_regclass(declared.key);
        EXCEPTION WHEN invalid_name OR syntax_error THEN
            relation := NULL;
        END;
        IF relation IS NULL THEN
            RAISE EXCEPTION 'the manifest names table "%", which does not exist', declared.key
                USING ERRCODE = 'YD013',
                      DETAIL = 'A deployment may declare only tables that exist when it begins.',
                      HINT = 'Correct the name (with its schema), or leave out tables that the deployment itself creates.';
        END IF;
        IF NOT EXISTS (SELECT FROM yesterday.tracked_table t JOIN pg_class c ON c.oid = relation
                       JOIN pg_namespace n ON n.oid = c.relnamespace
                       WHERE t.schema_name = n.nspname AND t.table_name = c.relname)
        THEN
            RAISE EXCEPTION 'the manifest names table "%", which is not tracked', declared.key
                USING ERRCODE = 'YD013',
                      DETAIL = 'What a deployment writes to it would not be captured.',
                      HINT = format('SELECT yesterday.track(%L);', declared.key);
        END IF;
        PERFORM yesterday._check_manifest_table(declared.key, relation, declared.value);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._check_manifest_names(jsonb) IS 'raises when a manifest names what does not exist or is not tracked';
REVOKE ALL ON FUNCTION yesterday._check_manifest_names(jsonb) FROM PUBLIC;

