-- Compares what the deployment wrote with what its manifest declares. Returns warnings:
-- what was declared and not touched.
CREATE FUNCTION yesterday._check_manifest(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    manifest jsonb := (SELECT d.manifest FROM yesterday.deployment d WHERE d.id = deployment);
    written record;
    declared record;
    allowed jsonb;
    stray record;
BEGIN
    FOR written IN
        SELECT c.id, c.schema_name, c.table_name
        FROM yesterday.captured_table c
        WHERE c.deployment = deployment AND yesterday._count_records(c.id) > 0
        ORDER BY c.schema_name, c.table_name
    LOOP
        SELECT e.value INTO allowed FROM jsonb_each(coalesce(manifest->'tables', '{}')) e
        WHERE parse_ident(e.key) IN (ARRAY[written.schema_name::text, written.table_name::text],
                                     ARRAY[written.table_name::text]);
        IF NOT FOUND THEN
            -- a table of which DDL took a copy and no row was written
            CONTINUE WHEN NOT EXISTS (SELECT FROM yesterday._written_records(written.id));
            RAISE EXCEPTION 'table "%.%" was written outside the manifest', written.schema_name, written.table_name
                USING ERRCODE = 'YD013',
                      DETAIL = format('Deployment %s declares %s.', deployment,
                                      coalesce((SELECT string_agg(k, ', ') FROM jsonb_object_keys(manifest->'tables') k), 'no table')),
                      HINT = 'Declare the table in the manifest, or take the change out of the deployment.';
        END IF;
        IF jsonb_typeof(allowed->'keys') = 'array' THEN
            SELECT r.key INTO stray FROM yesterday._written_records(written.id) r
            WHERE NOT EXISTS (
                SELECT FROM jsonb_array_elements(allowed->'keys') k
                WHERE (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each_text(k) e) = r.key)
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'row % of table "%.%" was written outside the manifest',
                    stray.key, written.schema_name, written.table_name
                    USING ERRCODE = 'YD013',
                          DETAIL = 'The manifest lists the keys of this table that the deployment may write.',
                          HINT = 'Declare the key in the manifest, or take the change out of the deployment.';
            END IF;
        END IF;
        IF jsonb_typeof(allowed->'operations') = 'array' THEN
            SELECT o.operation INTO stray
            FROM (SELECT DISTINCT r.operation, r.taken FROM yesterday._written_records(written.id) r) o
            WHERE NOT allowed->'operations' ? o.operation
              -- a row of an emptied table that came back as another
              AND NOT (o.taken AND o.operation = 'update' AND allowed->'operations' ?& ARRAY['delete', 'insert'])
            ORDER BY 1 LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION '% of table "%.%" is outside the manifest',
                    stray.operation, written.schema_name, written.table_name
                    USING ERRCODE = 'YD013',
                          DETAIL = format('The manifest allows %s.', allowed->'operations'),
                          HINT = 'Declare the operation in the manifest, or take the change out of the deployment.';
            END IF;
        END IF;
    END LOOP;

    IF coalesce(manifest->>'objects', '') <> 'any' THEN
        SELECT e.tag, e.identity INTO stray FROM yesterday.ddl_entry e
        WHERE e.deployment = deployment AND e.member
          AND NOT coalesce(jsonb_typeof(manifest->'objects') = 'array' AND manifest->'objects' ? e.identity, false)
        ORDER BY e.seq LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '% of "%" is outside the manifest', stray.tag, stray.identity
                USING ERRCODE = 'YD013',
                      DETAIL = 'The manifest does not list this object under "objects".',
                      HINT = 'List it, or declare "objects": "any", or take the command out of the deployment.';
        END IF;
    END IF;

    FOR declared IN SELECT k AS name FROM jsonb_object_keys(coalesce(manifest->'tables', '{}')) k
    LOOP
        IF NOT EXISTS (
            SELECT FROM yesterday.captured_table c
            WHERE c.deployment = deployment
              AND parse_ident(declared.name) IN (ARRAY[c.schema_name::text, c.table_name::text],
                                                 ARRAY[c.table_name::text])
              AND yesterday._count_records(c.id) > 0)
        THEN
            subject := declared.name;
            outcome := 'not touched';
            rows := 0;
            detail := 'declared in the manifest, but the deployment did not write it';
            RETURN NEXT;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._check_manifest(bigint) IS 'raises for writes outside the manifest; returns what was declared and not touched';
REVOKE ALL ON FUNCTION yesterday._check_manifest(bigint) FROM PUBLIC;

