-- Rolls back every deployment after the named one, newest first, in one transaction.
CREATE FUNCTION yesterday.rollback_to(deployment text, reason text, force boolean DEFAULT false)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    keep bigint;
    found record;
    ended jsonb;
    one jsonb;
    lines jsonb := '[]';
    undone bigint := 0;
    rows_undone bigint := 0;
    last_rollback bigint;
BEGIN
    PERFORM yesterday._require_read_committed('rollback_to()');
    PERFORM yesterday._require_no_own_deployment('rollback_to()');
    PERFORM yesterday._require_dedicated('rollback_to()');
    PERFORM yesterday._require_reason(reason, 'rollback_to');
    ended := yesterday._lock_target('rollback_to()', coalesce(force, false));
    PERFORM yesterday._try_lock(yesterday._rollback_mark());
    keep := yesterday._resolve_deployment(deployment);
    SELECT d.* INTO found FROM yesterday.deployment d WHERE d.id = keep;
    IF found.status <> 'finished' THEN
        RAISE EXCEPTION 'deployment % "%" is %', found.id, found.name, replace(found.status, '_', ' ')
            USING ERRCODE = 'YD018',
                  DETAIL = 'rollback_to() takes the deployment that stays as the last one.',
                  HINT = 'SELECT id, name, status FROM yesterday.history;';
    END IF;
    FOR found IN
        SELECT d.id, d.name, d.forgotten_at FROM yesterday.deployment d
        WHERE d.id > keep AND d.status IN ('open', 'finished') ORDER BY d.id DESC
    LOOP
        PERFORM yesterday._choose_rollback(found.id::text);
        one := yesterday._undo_deployment(found.id, 'rollback', reason, coalesce(force, false), ended);
        ended := '[]';
        one := yesterday._rollback_headline(found.id, 'rolled back', one, NULL) || one;
        rows_undone := rows_undone + (one->0->>'rows')::bigint;
        lines := lines || one;
        undone := undone + 1;
        SELECT d.rollback INTO last_rollback FROM yesterday.deployment d WHERE d.id = found.id;
    END LOOP;
    IF undone = 0 THEN
        RAISE EXCEPTION 'deployment % is the last one', keep
            USING ERRCODE = 'YD003',
                  DETAIL = 'There is nothing after it to roll back.',
                  HINT = 'SELECT * FROM rollback_last(); rolls back the last deployment itself.';
    END IF;
    PERFORM yesterday._set_state('off_train', reason, last_rollback);
    PERFORM pg_notify('yesterday', format('rollback %s', keep));
    lines := jsonb_build_object('subject', format('%s %s after %s', undone, CASE undone WHEN 1 THEN 'deployment' ELSE 'deployments' END, keep),
                                'outcome', 'rolled back', 'rows', rows_undone,
                                'detail', yesterday._next_after_rollback()) || lines;
    RETURN QUERY SELECT * FROM yesterday._report_rows(lines);
END
$function$;
COMMENT ON FUNCTION yesterday.rollback_to(text, text, boolean) IS
    'rolls back every deployment after the named one, newest first, in one transaction';
REVOKE ALL ON FUNCTION yesterday.rollback_to(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.rollback_to(text, text, boolean) TO yesterday_operator;

-- By its number, as begin_deployment() returned it: in SQL no number is a text by itself.
CREATE FUNCTION yesterday.rollback_to(deployment bigint, reason text, force boolean DEFAULT false)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM yesterday.rollback_to($1::text, $2, $3)
$function$;
COMMENT ON FUNCTION yesterday.rollback_to(bigint, text, boolean) IS
    'rolls back every deployment after that of this number, newest first, in one transaction';
REVOKE ALL ON FUNCTION yesterday.rollback_to(bigint, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.rollback_to(bigint, text, boolean) TO yesterday_operator;
