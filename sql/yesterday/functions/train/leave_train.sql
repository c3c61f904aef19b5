-- This database is on no train any more. Its freeze stays as it is.
CREATE FUNCTION yesterday.leave_train(reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    known record;
BEGIN
    PERFORM yesterday._require_reason(reason, 'leave_train');
    PERFORM yesterday._lock_target('leave_train()');
    SELECT * INTO known FROM yesterday._setting();
    IF known.registry IS NULL THEN
        RAISE EXCEPTION 'this database is on no train'
            USING ERRCODE = 'YD022',
                  DETAIL = 'It was never enrolled, or has left.',
                  HINT = 'Nothing to do.';
    END IF;
    UPDATE yesterday.target_setting SET registry = NULL, group_name = NULL, target = NULL, partner_layers = NULL, enrolled_at = NULL;
    PERFORM yesterday._log('leave_train', NULL, reason, jsonb_build_object(
        'registry', known.registry, 'group', known.group_name, 'target', known.target));
END
$function$;
COMMENT ON FUNCTION yesterday.leave_train(text) IS 'takes this database off its train';
REVOKE ALL ON FUNCTION yesterday.leave_train(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.leave_train(text) TO yesterday_admin;

