-- What a manifest says of one table: keys by the table's own key columns, known operations.
CREATE FUNCTION yesterday._check_manifest_table(name text, relation oid, said jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    columns name[] := (SELECT k.key_columns FROM yesterday._table_key(relation) k);
    wrong text;
BEGIN
    IF jsonb_typeof(said) NOT IN ('object', 'null') THEN
        wrong := format('it is %s, not an object', said);
    ELSIF jsonb_typeof(said) = 'object' THEN
        SELECT format('it has an unknown key "%s"', k) INTO wrong
        FROM jsonb_object_keys(said) k WHERE k NOT IN ('keys', 'operations') LIMIT 1;
        IF jsonb_typeof(coalesce(said->'keys', 'null')) NOT IN ('array', 'null') THEN
            wrong := format('its keys are %s, not an array', said->'keys');
        ELSIF jsonb_typeof(said->'keys') = 'array' THEN
            SELECT format('%s is not a key of the table', e) INTO wrong
            FROM jsonb_array_elements(said->'keys') e
            WHERE jsonb_typeof(e) <> 'object'
               OR (cardinality(columns) > 0
                   AND (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(e) k)
                       IS DISTINCT FROM (SELECT array_agg(c::text ORDER BY c::text) FROM unnest(columns) c))
            LIMIT 1;
        END IF;
        IF jsonb_typeof(coalesce(said->'operations', 'null')) NOT IN ('array', 'null') THEN
            wrong := format('its operations are %s, not an array', said->'operations');
        ELSIF jsonb_typeof(said->'operations') = 'array' THEN
            SELECT format('%s is not an operation', e) INTO wrong
            FROM jsonb_array_elements(said->'operations') e
            WHERE e NOT IN ('"insert"', '"update"', '"delete"') LIMIT 1;
        END IF;
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the manifest of table "%" is wrong: %', name, wrong
            USING ERRCODE = 'YD013',
                  DETAIL = format('Its key columns are %s, the operations are "insert", "update" and "delete".',
                                  coalesce(nullif(array_to_string(columns, ', '), ''), 'none')),
                  HINT = 'For example {"keys": [{"id": 1}], "operations": ["update"]}, or {} for every row.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._check_manifest_table(text, oid, jsonb) IS 'raises when a manifest says of a table what cannot be';
REVOKE ALL ON FUNCTION yesterday._check_manifest_table(text, oid, jsonb) FROM PUBLIC;
