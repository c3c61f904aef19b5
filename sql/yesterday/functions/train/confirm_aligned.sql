-- A human has compared this target with its peers and found it aligned: what was accepted once need not be
-- told for ever.
CREATE FUNCTION yesterday.confirm_aligned(reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM yesterday._require_reason(reason, 'confirm_aligned');
    PERFORM yesterday._lock_target('confirm_aligned()');
    IF yesterday._alignment() IS NULL THEN
        RAISE EXCEPTION 'this database is on no train'
            USING ERRCODE = 'YD022',
                  DETAIL = 'There are no peers that it could be aligned with.',
                  HINT = 'SELECT yesterday.enroll(registry, group_name, target); puts it on one.';
    END IF;
    PERFORM yesterday._require_on_train('confirm_aligned()');
    INSERT INTO yesterday.target_setting AS s (aligned_change) SELECT max(c.id) FROM yesterday.state_change c HAVING max(c.id) IS NOT NULL
    ON CONFLICT ON CONSTRAINT target_setting_pkey DO UPDATE SET aligned_change = excluded.aligned_change;
    PERFORM yesterday._log('confirm_aligned', NULL, reason, NULL);
END
$function$;
COMMENT ON FUNCTION yesterday.confirm_aligned(text) IS 'a human found this target aligned with its peers';
REVOKE ALL ON FUNCTION yesterday.confirm_aligned(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.confirm_aligned(text) TO yesterday_admin;

