-- What should run once a deployment is rolled back: what should run now, with the artifacts that
-- it brought as they were before it. One that there was not is gone then.
CREATE FUNCTION yesterday._artifacts_before(deployment bigint)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT (SELECT coalesce(jsonb_object_agg(n.key, n.value), '{}')
            FROM jsonb_each(yesterday._desired_artifacts()) n
            WHERE NOT d.artifacts ? n.key)
        || (SELECT coalesce(jsonb_object_agg(p.key, p.value), '{}')
            FROM jsonb_each(coalesce(d.prior_artifacts, '{}')) p
            WHERE d.artifacts ? p.key)
    FROM yesterday.deployment d
    WHERE d.id = deployment AND d.status = 'finished' AND d.artifacts IS NOT NULL
    UNION ALL
    SELECT yesterday._desired_artifacts()
    WHERE NOT EXISTS (SELECT FROM yesterday.deployment d
                      WHERE d.id = deployment AND d.status = 'finished' AND d.artifacts IS NOT NULL);
$function$;
COMMENT ON FUNCTION yesterday._artifacts_before(bigint) IS 'what should run once a deployment is rolled back';
REVOKE ALL ON FUNCTION yesterday._artifacts_before(bigint) FROM PUBLIC;

