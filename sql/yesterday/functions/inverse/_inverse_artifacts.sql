-- The artifacts that ran before a release, as the lines of bundle.yaml; none for a deployment that left
-- code alone, or before which nothing was known.
CREATE FUNCTION yesterday._inverse_artifacts(deployment bigint)
RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT line
    FROM yesterday.deployment_record r
    CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(r.prior_artifacts) WHEN 'array' THEN r.prior_artifacts ELSE '[]' END)
        WITH ORDINALITY AS a(artifact, place)
    CROSS JOIN LATERAL (VALUES
        (1, format('  - name: %s', to_json(a.artifact ->> 'name'))),
        (2, CASE a.artifact ->> 'type'
                WHEN 'oci' THEN format('    oci: %s', to_json(
                    (a.artifact ->> 'reference') ||
                    CASE WHEN strpos(a.artifact ->> 'reference', '@') = 0 THEN coalesce('@' || (a.artifact ->> 'digest'), '') ELSE '' END))
                ELSE format('    archive: %s', to_json(a.artifact ->> 'reference')) END),
        (3, CASE WHEN a.artifact ->> 'type' <> 'oci' AND a.artifact ->> 'sha256' IS NOT NULL
                 THEN format('    sha256: %s', to_json(a.artifact ->> 'sha256')) END)) AS l(number, line)
    WHERE r.deployment = $1 AND r.artifacts IS NOT NULL AND l.line IS NOT NULL
    ORDER BY a.place, l.number;
$function$;
COMMENT ON FUNCTION yesterday._inverse_artifacts(bigint) IS 'artifacts before a release, as lines of bundle.yaml';
REVOKE ALL ON FUNCTION yesterday._inverse_artifacts(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._inverse_artifacts(bigint) TO yesterday_viewer;
