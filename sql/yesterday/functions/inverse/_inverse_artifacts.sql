-- The artifacts that a release replaced, as the lines of bundle.yaml; none for a deployment that left code
-- alone, or before which nothing ran. One that there was not before is not among them: a bundle
-- can say what runs, not what does not.
CREATE FUNCTION yesterday._inverse_artifacts(deployment bigint)
RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT l.line
    FROM yesterday.deployment_record r
    CROSS JOIN LATERAL jsonb_each(r.prior_artifacts) a(name, facts)
    CROSS JOIN LATERAL (VALUES
        (1, format('  - name: %s', to_json(a.name))),
        (2, CASE a.facts ->> 'type'
                WHEN 'oci' THEN format('    oci: %s', to_json(
                    split_part(a.facts ->> 'reference', '@', 1) || coalesce('@' || (a.facts ->> 'digest'), '')))
                ELSE format('    archive: %s', to_json(a.facts ->> 'reference')) END),
        (3, CASE WHEN a.facts ->> 'type' <> 'oci'
                 THEN format('    sha256: %s', to_json(replace(a.facts ->> 'digest', 'sha256:', ''))) END)) AS l(number, line)
    WHERE r.deployment = $1 AND r.artifacts ? a.name AND l.line IS NOT NULL
    ORDER BY a.name, l.number;
$function$;
COMMENT ON FUNCTION yesterday._inverse_artifacts(bigint) IS 'artifacts that a release replaced, as lines of bundle.yaml';
REVOKE ALL ON FUNCTION yesterday._inverse_artifacts(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._inverse_artifacts(bigint) TO yesterday_viewer;
