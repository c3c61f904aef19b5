-- Undoes an open deployment that failed half-way. Nothing landed, so the target stays on
-- the train.
CREATE FUNCTION yesterday.abandon_deployment(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    id bigint;
    lines jsonb;
BEGIN
    PERFORM yesterday._require_read_committed('abandon_deployment()');
    PERFORM yesterday._require_no_own_deployment('abandon_deployment()');
    PERFORM yesterday._lock_target('abandon_deployment()');
    PERFORM yesterday._try_lock(yesterday._rollback_mark());
    id := yesterday._which_deployment(deployment, 'abandon_deployment()');
    lines := yesterday._undo_deployment(id, 'abandon', NULL, NULL);
    lines := yesterday._rollback_headline(id, 'abandoned', lines,
        'Its changes to the schema and to tracked tables are undone; what it wrote to other tables stays. The target stays '
        || CASE (SELECT s.state FROM yesterday._state() s) WHEN 'on_train' THEN 'on the train.' WHEN 'frozen' THEN 'frozen.' ELSE 'off the train.' END) || lines;
    RETURN QUERY SELECT * FROM yesterday._report_rows(lines);
END
$function$;
COMMENT ON FUNCTION yesterday.abandon_deployment(bigint) IS
    'undoes an open deployment that failed half-way; the target stays on the train';
REVOKE ALL ON FUNCTION yesterday.abandon_deployment(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.abandon_deployment(bigint) TO yesterday_deployer, yesterday_operator;

