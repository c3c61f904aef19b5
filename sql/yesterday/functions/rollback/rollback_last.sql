-- The button. Rolls back the last deployment and freezes the target, in one transaction.
CREATE FUNCTION @extschema@.rollback_last(
    deployment text DEFAULT NULL, reason text DEFAULT NULL, force boolean DEFAULT false)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    chosen bigint;
    ended jsonb;
    lines jsonb;
BEGIN
    PERFORM yesterday._require_read_committed('rollback_last()');
    PERFORM yesterday._require_no_own_deployment('rollback_last()');
    PERFORM yesterday._require_dedicated('rollback_last()');
    ended := yesterday._lock_target('rollback_last()', coalesce(force, false));
    PERFORM yesterday._try_lock(yesterday._rollback_mark());
    chosen := yesterday._choose_rollback(deployment);
    lines := yesterday._undo_deployment(chosen, 'rollback', reason, coalesce(force, false), ended);
    PERFORM yesterday._set_state('off_train',
        coalesce(reason, format('deployment %s was rolled back', chosen)),
        (SELECT d.rollback FROM yesterday.deployment d WHERE d.id = chosen));
    PERFORM pg_notify('yesterday', format('rollback %s', chosen));
    lines := yesterday._rollback_headline(chosen, 'rolled back', lines, yesterday._next_after_rollback()) || lines;
    RETURN QUERY SELECT * FROM yesterday._report_rows(lines);
END
$function$;
COMMENT ON FUNCTION @extschema@.rollback_last(text, text, boolean) IS
    'rolls back the last deployment and freezes the target; returns a report, headline first';
REVOKE ALL ON FUNCTION @extschema@.rollback_last(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.rollback_last(text, text, boolean) TO yesterday_operator;

-- By its number, as begin_deployment() returned it: in SQL no number is a text by itself.
CREATE FUNCTION @extschema@.rollback_last(deployment bigint, reason text DEFAULT NULL, force boolean DEFAULT false)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM @extschema@.rollback_last($1::text, $2, $3)
$function$;
COMMENT ON FUNCTION @extschema@.rollback_last(bigint, text, boolean) IS
    'rolls back the last deployment, named by its number, and freezes the target';
REVOKE ALL ON FUNCTION @extschema@.rollback_last(bigint, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.rollback_last(bigint, text, boolean) TO yesterday_operator;
