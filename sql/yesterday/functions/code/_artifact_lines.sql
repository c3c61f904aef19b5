-- Lines of a report: the artifacts that a rollback switches, and whether what they go back to
-- is known to be there still.
CREATE FUNCTION yesterday._artifact_lines(from_artifacts jsonb, to_artifacts jsonb, outcome text)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'subject', format('artifact %s', n.name), 'outcome', outcome, 'rows', NULL,
               'detail', format('from %s to %s', coalesce(n.was->>'reference', 'nothing'), coalesce(n.next->>'reference', 'nothing: it did not run before'))
                   || CASE WHEN n.next IS NULL THEN ''
                           WHEN position(n.next->>'digest' IN n.next->>'reference') = 0 THEN format(' (%s)', n.next->>'digest')
                           ELSE '' END
                   || CASE WHEN n.next IS NULL THEN ''
                           WHEN c.digest IS NULL THEN '; IT WAS NEVER CHECKED whether that is still there'
                           ELSE format('; last found whole at %s, in %s', c.checked_at, c.place) END
                   || CASE WHEN r.artifact IS NULL THEN '; no runtime is set for it: switch it by hand'
                           ELSE format('; switched by %s, until then what runs goes on', r.driver) END)
               ORDER BY n.name), '[]')
    FROM (SELECT k AS name, from_artifacts->k AS was, to_artifacts->k AS next
          FROM (SELECT jsonb_object_keys(from_artifacts) UNION SELECT jsonb_object_keys(to_artifacts)) keys(k)
          WHERE from_artifacts->k IS DISTINCT FROM to_artifacts->k) n
    LEFT JOIN yesterday.artifact_check c ON c.digest = n.next->>'digest'
    LEFT JOIN yesterday.runtime r ON r.artifact = n.name;
$function$;
COMMENT ON FUNCTION yesterday._artifact_lines(jsonb, jsonb, text) IS 'lines of a report about artifacts that are switched';
REVOKE ALL ON FUNCTION yesterday._artifact_lines(jsonb, jsonb, text) FROM PUBLIC;

