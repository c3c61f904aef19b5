-- Ends a freeze of the registry, by hand or by the calendar. What a target has set itself is not among them.
CREATE FUNCTION train.clear_freeze(freeze_id bigint, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.freeze;
BEGIN
    PERFORM train._require_reason(reason, 'clear_freeze');
    PERFORM train._begin_write('clear_freeze()');
    entry := train._freeze(freeze_id);
    UPDATE train.freeze f SET cleared_at = clock_timestamp(), cleared_by = session_user, clear_reason = reason WHERE f.id = freeze_id;
    PERFORM train._log('clear_freeze',
        (SELECT g.name FROM train.target_group g
         WHERE g.id = coalesce(entry.group_id, (SELECT t.group_id FROM train.target t WHERE t.id = entry.target_id))),
        (SELECT t.name FROM train.target t WHERE t.id = entry.target_id), reason,
        jsonb_build_object('freeze', freeze_id, 'kind', entry.kind, 'was', entry.reason));
END
$function$;
COMMENT ON FUNCTION train.clear_freeze(bigint, text) IS 'ends a freeze of the registry';
REVOKE ALL ON FUNCTION train.clear_freeze(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.clear_freeze(bigint, text) TO yesterday_admin;

