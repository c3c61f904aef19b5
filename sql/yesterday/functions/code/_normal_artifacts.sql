-- The artifacts of a deployment as they are kept: an object by name, each with type, reference
-- and digest. What is not pinned by a digest is refused: a tag names something else tomorrow.
CREATE FUNCTION yesterday._normal_artifacts(artifacts jsonb)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    one jsonb;
    name text;
    fault text;
    digest text;
    normal jsonb := '{}';
    shape CONSTANT text := '[{"name": "api", "type": "oci", "reference": "registry/shop/api:2.4@sha256:..."}, {"name": "web", "type": "archive", "reference": "https://...", "sha256": "..."}]';
BEGIN
    IF artifacts IS NULL OR jsonb_typeof(artifacts) = 'null' THEN
        RETURN NULL;
    END IF;
    IF jsonb_typeof(artifacts) = 'object' THEN
        SELECT coalesce(jsonb_agg(CASE WHEN jsonb_typeof(e.value) = 'object'
                                       THEN e.value || jsonb_build_object('name', e.key) ELSE e.value END), '[]')
        INTO artifacts FROM jsonb_each(artifacts) e;
    ELSIF jsonb_typeof(artifacts) <> 'array' THEN
        artifacts := jsonb_build_array(artifacts);
    END IF;
    FOR one IN SELECT e FROM jsonb_array_elements(artifacts) e
    LOOP
        fault := NULL;
        IF jsonb_typeof(one) <> 'object' THEN
            name := one::text;
            fault := 'It is no object.';
        ELSE
            name := one->>'name';
            digest := coalesce(one->>'digest', 'sha256:' || (one->>'sha256'),
                               substring(one->>'reference' FROM '@(sha\d+:[0-9a-f]+)$'));
            fault := CASE
                WHEN coalesce(name, '') !~ '^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$'
                    THEN 'Its name is not one: letters, digits, and dots, hyphens and underscores within.'
                WHEN normal ? name THEN 'Two artifacts have this name.'
                WHEN coalesce(one->>'type', '') NOT IN ('oci', 'archive') THEN 'Its type is neither oci nor archive.'
                WHEN coalesce(one->>'reference', '') = '' THEN 'It has no reference.'
                WHEN digest IS NULL THEN 'It is not pinned: what its reference names can become something else, and a rollback would bring back the wrong code.'
                WHEN digest !~ '^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$' THEN format('%s is no digest.', digest)
                WHEN digest <> coalesce(substring(one->>'reference' FROM '@(sha\d+:[0-9a-f]+)$'), digest)
                    THEN 'Its digest is not the one in its reference.'
            END;
        END IF;
        IF fault IS NOT NULL THEN
            RAISE EXCEPTION 'the artifact % cannot be deployed', coalesce(quote_literal(name), 'without a name')
                USING ERRCODE = 'YD022', DETAIL = fault, HINT = format('artifacts => ''%s''', shape);
        END IF;
        normal := normal || jsonb_build_object(name, jsonb_build_object(
            'type', one->>'type', 'reference', one->>'reference', 'digest', digest));
    END LOOP;
    RETURN normal;
END
$function$;
COMMENT ON FUNCTION yesterday._normal_artifacts(jsonb) IS 'artifacts by name, each with type, reference and digest; raises on others';
REVOKE ALL ON FUNCTION yesterday._normal_artifacts(jsonb) FROM PUBLIC;

