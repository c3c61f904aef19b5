-- Enters a new state of the target.
CREATE FUNCTION yesterday._set_state(new_state text, reason text, rollback bigint, accept_unaligned boolean DEFAULT false)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.state_change (state, reason, rollback, accept_unaligned, changed_role, client_addr, application_name)
    VALUES (new_state, reason, rollback, accept_unaligned, yesterday._caller(), pg_catalog.inet_client_addr(),
            pg_catalog.current_setting('application_name'));
$function$;
COMMENT ON FUNCTION yesterday._set_state(text, text, bigint, boolean) IS 'enters a new state of the target';
REVOKE ALL ON FUNCTION yesterday._set_state(text, text, bigint, boolean) FROM PUBLIC;

