-- The freezes of the registry that hold for a target at a moment.
CREATE FUNCTION train._blocking_freezes(its_target bigint, its_group bigint, its_zone text, at timestamptz)
RETURNS TABLE (freeze_id bigint, kind text, scope text, reason text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT f.id, f.kind, CASE WHEN f.group_id IS NULL THEN 'target' ELSE 'group' END,
           coalesce(f.name || ': ', '') || f.reason, coalesce(p.since, f.set_at), p.ends_at
    FROM train.freeze f
    LEFT JOIN LATERAL train._calendar_period(f.starts, f.ends, f.every, f.until, coalesce(f.time_zone, its_zone), at) p ON f.kind = 'calendar'
    WHERE f.cleared_at IS NULL AND (f.target_id = its_target OR f.group_id = its_group)
      AND (f.kind = 'hand' OR p.since IS NOT NULL)
      AND NOT EXISTS (SELECT FROM train.freeze_override o
                      WHERE o.freeze_id = f.id AND o.expires_at > at AND (o.target_id IS NULL OR o.target_id = its_target))
    ORDER BY f.id;
$function$;
COMMENT ON FUNCTION train._blocking_freezes(bigint, bigint, text, timestamptz) IS 'freezes of the registry that hold for a target at a moment';
REVOKE ALL ON FUNCTION train._blocking_freezes(bigint, bigint, text, timestamptz) FROM PUBLIC;

