-- Says whether this database is one partner's own. On shared infrastructure one partner's rollback would
-- be everybody's, and so would the freeze.
CREATE FUNCTION yesterday.set_dedicated(dedicated boolean, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    PERFORM yesterday._require_reason(reason, 'set_dedicated');
    IF dedicated IS NULL THEN
        RAISE EXCEPTION 'set_dedicated() takes true or false'
            USING ERRCODE = 'YD022',
                  DETAIL = 'The database is one partner''s own, or shared.',
                  HINT = 'SELECT yesterday.set_dedicated(false, ''why'');';
    END IF;
    PERFORM yesterday._lock_target('set_dedicated()');
    INSERT INTO yesterday.target_setting AS s (dedicated) VALUES (dedicated)
    ON CONFLICT ON CONSTRAINT target_setting_pkey DO UPDATE SET dedicated = excluded.dedicated;
    PERFORM yesterday._log('set_dedicated', NULL, reason, jsonb_build_object('dedicated', dedicated));
END
$function$;
COMMENT ON FUNCTION yesterday.set_dedicated(boolean, text) IS 'says whether this database is one partner''s own; in a shared one rollback and freeze are refused';
REVOKE ALL ON FUNCTION yesterday.set_dedicated(boolean, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.set_dedicated(boolean, text) TO yesterday_admin;

