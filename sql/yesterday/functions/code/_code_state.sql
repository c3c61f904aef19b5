-- How the code stands: none, confirmed, pending (nobody has begun), switching (somebody is at it),
-- failed (the last attempt did not come through, and will not go on by itself).
CREATE FUNCTION yesterday._code_state()
RETURNS TABLE (state text, generation bigint, since timestamptz, cause text, deployment bigint, detail text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE
               WHEN g.generation IS NULL THEN 'none'
               WHEN g.confirmed_at IS NOT NULL THEN 'confirmed'
               WHEN a.ended_at IS NULL AND l.lease IS NOT NULL AND a.lease = l.lease THEN 'switching'
               WHEN a.id IS NOT NULL THEN 'failed'
               ELSE 'pending'
           END,
           g.generation, coalesce(g.confirmed_at, g.set_at), g.cause, g.deployment,
           CASE
               WHEN g.generation IS NULL OR g.confirmed_at IS NOT NULL THEN NULL
               WHEN a.ended_at IS NULL AND l.lease IS NOT NULL AND a.lease = l.lease
                   THEN format('%s has been switching the code since %s', yesterday._shown_holder(l.holder), a.started_at)
               WHEN a.ended_at IS NULL AND a.id IS NOT NULL
                   THEN format('%s began to switch the code at %s and was interrupted', yesterday._shown_holder(a.holder), a.started_at)
               WHEN a.id IS NOT NULL
                   THEN format('the attempt of %s at %s failed: %s', yesterday._shown_holder(a.holder), a.started_at,
                               coalesce((SELECT string_agg(format('%s: %s', r->>'artifact', r->>'detail'), '; ')
                                         FROM jsonb_array_elements(a.report) r WHERE r->>'outcome' = 'failed'), 'without a word'))
               ELSE 'nobody has begun to switch the code'
           END
    FROM (SELECT) one
    LEFT JOIN LATERAL (SELECT * FROM yesterday.code_generation c ORDER BY c.generation DESC LIMIT 1) g ON true
    LEFT JOIN LATERAL (SELECT * FROM yesterday.switch_attempt t
                       WHERE t.generation = g.generation AND t.outcome IS DISTINCT FROM 'superseded'
                       ORDER BY t.id DESC LIMIT 1) a ON true
    LEFT JOIN yesterday.switch_lease l ON l.expires_at > clock_timestamp();
$function$;
COMMENT ON FUNCTION yesterday._code_state() IS 'how the code stands, and since when';
REVOKE ALL ON FUNCTION yesterday._code_state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._code_state() TO yesterday_viewer;

