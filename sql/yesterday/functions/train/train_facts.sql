-- What the registry wants to know of this target, in one piece: train.sync_target() takes it.
CREATE FUNCTION yesterday.train_facts()
RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT jsonb_build_object(
        'system_identifier', yesterday._system_identifier(),
        'database', b.datname, 'database_oid', b.oid::bigint,
        'registry', t.registry, 'group', t.group_name, 'target', t.target, 'dedicated', t.dedicated,
        'state', s.state, 'reason', s.reason, 'since', s.since, 'set_by', s.set_by,
        'position', yesterday.position(), 'alignment', yesterday._alignment(),
        'open_deployment', (SELECT d.id FROM yesterday.deployment d WHERE d.status = 'open'),
        'version', (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'yesterday'),
        'history', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'id', d.id, 'name', d.name, 'kind', d.kind, 'status', d.status,
                        'digest', d.manifest->'bundle'->>'digest', 'patch', d.manifest->'bundle'->'patch', 'covers', d.covers,
                        'finished_at', d.finished_at, 'ended_at', d.ended_at,
                        'portable', CASE WHEN d.exact_digest IS NOT NULL THEN yesterday._displaced_digest(d.id, NULL) END,
                        'exact', d.exact_digest) ORDER BY d.id), '[]')
                    FROM yesterday.deployment d))
    FROM yesterday._state() s
    CROSS JOIN yesterday._setting() t
    JOIN pg_database b ON b.datname = current_database();
$function$;
COMMENT ON FUNCTION yesterday.train_facts() IS 'what the registry wants to know of this target, for train.sync_target()';
REVOKE ALL ON FUNCTION yesterday.train_facts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.train_facts() TO yesterday_viewer;

