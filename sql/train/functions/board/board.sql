-- The board: targets by patches, one row a target, a character a patch. A target on the train that the registry
-- holds frozen shows as frozen.
CREATE FUNCTION train.board(group_name text)
RETURNS TABLE (target text, state text, reason text, since timestamptz, "position" integer, alignment text,
               realignment bigint, last_contact timestamptz, applications text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT t.name, CASE WHEN t.state = 'on_train' AND f.freeze_id IS NOT NULL THEN 'frozen' ELSE t.state END,
           CASE WHEN f.freeze_id IS NULL THEN t.state_reason ELSE f.reason END, CASE WHEN f.freeze_id IS NULL THEN t.state_since ELSE f.since END,
           train._position(t.applications), t.alignment, r.id, t.last_contact,
           rpad(t.applications, (SELECT coalesce(max(p.ordinal), 0) FROM train.patch p WHERE p.group_id = g.id), '.')
    FROM train._group(group_name) g
    JOIN train.target t ON t.group_id = g.id AND t.removed_at IS NULL
    LEFT JOIN train.realignment r ON r.target_id = t.id AND r.state IN ('draft', 'signed', 'rehearsed', 'applying', 'applied')
    LEFT JOIN LATERAL (SELECT b.* FROM train._blocking_freezes(t.id, t.group_id, t.time_zone, now()) b LIMIT 1) f
        ON t.state = 'on_train' AND EXISTS (SELECT FROM train.freeze x WHERE x.cleared_at IS NULL)
    ORDER BY t.canary NULLS LAST, t.name;
$function$;
COMMENT ON FUNCTION train.board(text) IS 'the board of a group: one row a target, a character a patch';
REVOKE ALL ON FUNCTION train.board(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.board(text) TO yesterday_viewer;

