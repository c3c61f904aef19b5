-- Takes a permit back that was not used.
CREATE FUNCTION yesterday.revoke_permit(permit bigint, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    PERFORM yesterday._require_reason(reason, 'revoke_permit');
    PERFORM yesterday._lock_target('revoke_permit()');
    UPDATE yesterday.permit p SET void_at = clock_timestamp(), void_reason = reason
    WHERE p.id = permit AND p.used_at IS NULL AND p.void_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no permit % to be taken back', coalesce(permit::text, 'NULL')
            USING ERRCODE = 'YD023',
                  DETAIL = 'It does not exist, was used, or is void already.',
                  HINT = 'SELECT * FROM yesterday.permits;';
    END IF;
    PERFORM yesterday._log('revoke_permit', NULL, reason, jsonb_build_object('permit', permit));
END
$function$;
COMMENT ON FUNCTION yesterday.revoke_permit(bigint, text) IS 'takes back a permit that was not used';
REVOKE ALL ON FUNCTION yesterday.revoke_permit(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.revoke_permit(bigint, text) TO yesterday_admin;

