-- Every freeze that holds for a target at a moment, its own first.
CREATE FUNCTION train.blocking_freezes(target text, at timestamptz DEFAULT now())
RETURNS TABLE (freeze_id bigint, kind text, scope text, reason text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT NULL::bigint, 'target', 'target', CASE t.state WHEN 'off_train' THEN 'off the train: ' ELSE '' END || t.state_reason,
           t.state_since, NULL::timestamptz
    FROM train._target(target) t WHERE t.state IN ('off_train', 'frozen')
    UNION ALL
    SELECT f.* FROM train._target(target) t
    CROSS JOIN LATERAL train._blocking_freezes(t.id, t.group_id, t.time_zone, at) f;
$function$;
COMMENT ON FUNCTION train.blocking_freezes(text, timestamptz) IS 'every freeze that holds for a target at a moment';
REVOKE ALL ON FUNCTION train.blocking_freezes(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.blocking_freezes(text, timestamptz) TO yesterday_viewer;

