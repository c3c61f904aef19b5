-- Nothing of it landed. What was rehearsed may not be what is there: it is rehearsed anew.
CREATE FUNCTION train.mark_failed(realignment bigint, detail text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.realignment;
    its_target train.target;
BEGIN
    PERFORM train._begin_write('mark_failed()');
    entry := train._realignment(realignment);
    PERFORM train._require_state(entry, '{applying}', 'mark_failed()');
    SELECT t.* INTO STRICT its_target FROM train.target t WHERE t.id = entry.target_id;
    PERFORM train._require_group_lock(its_target.group_id, 'mark_failed()');
    UPDATE train.realignment r SET state = 'signed' WHERE r.id = realignment;
    PERFORM train._log('realignment_failed', (SELECT g.name FROM train.target_group g WHERE g.id = its_target.group_id), its_target.name, detail,
                       jsonb_build_object('realignment', realignment));
END
$function$;
COMMENT ON FUNCTION train.mark_failed(bigint, text) IS 'records that a realignment failed and nothing landed';
REVOKE ALL ON FUNCTION train.mark_failed(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.mark_failed(bigint, text) TO yesterday_operator;

