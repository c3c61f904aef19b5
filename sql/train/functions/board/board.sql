-- The board: targets by patches, one row a target, a character a patch. A target on the train that the registry
-- holds frozen shows as frozen. Which freezes hold is found out once a time zone, not once a target.
CREATE FUNCTION train.board(group_name text)
RETURNS TABLE (target text, state text, reason text, since timestamptz, "position" integer, alignment text,
               realignment bigint, last_contact timestamptz, applications text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH its_group AS MATERIALIZED (
        SELECT g.id, (SELECT coalesce(max(p.ordinal), 0) FROM train.patch p WHERE p.group_id = g.id) AS latest
        FROM train._group(group_name) g
    ), target AS MATERIALIZED (
        SELECT t.* FROM its_group g JOIN train.target t ON t.group_id = g.id AND t.removed_at IS NULL
    ), holding AS MATERIALIZED (
        SELECT f.id, f.target_id, z.time_zone, coalesce(f.name || ': ', '') || f.reason AS reason, coalesce(p.since, f.set_at) AS since
        FROM its_group g
        JOIN train.freeze f ON f.cleared_at IS NULL AND (f.group_id = g.id OR f.target_id IN (SELECT t.id FROM target t))
        CROSS JOIN (SELECT DISTINCT t.time_zone FROM target t) z
        LEFT JOIN LATERAL train._calendar_period(f.starts, f.ends, f.every, f.until, coalesce(f.time_zone, z.time_zone), now()) p
            ON f.kind = 'calendar'
        WHERE f.kind = 'hand' OR p.since IS NOT NULL
    )
    SELECT t.name, CASE WHEN f.id IS NOT NULL THEN 'frozen' ELSE t.state END,
           CASE WHEN f.id IS NULL THEN t.state_reason ELSE f.reason END, CASE WHEN f.id IS NULL THEN t.state_since ELSE f.since END,
           length(t.applications) - length(ltrim(t.applications, 'AR')), t.alignment, r.id, t.last_contact,
           rpad(t.applications, g.latest, '.')
    FROM its_group g
    CROSS JOIN target t
    LEFT JOIN train.realignment r ON r.target_id = t.id AND r.state IN ('draft', 'signed', 'rehearsed', 'applying', 'applied')
    LEFT JOIN LATERAL (
        SELECT h.id, h.reason, h.since FROM holding h
        WHERE h.time_zone = t.time_zone AND (h.target_id IS NULL OR h.target_id = t.id)
          AND NOT EXISTS (SELECT FROM train.freeze_override o
                          WHERE o.freeze_id = h.id AND o.expires_at > now() AND (o.target_id IS NULL OR o.target_id = t.id))
        ORDER BY h.id LIMIT 1) f ON t.state = 'on_train'
    ORDER BY t.canary NULLS LAST, t.name;
$function$;
COMMENT ON FUNCTION train.board(text) IS 'the board of a group: one row a target, a character a patch';
REVOKE ALL ON FUNCTION train.board(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.board(text) TO yesterday_viewer;

