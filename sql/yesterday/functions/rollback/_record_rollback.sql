-- Opens the record of a rollback, abandonment or drill.
CREATE FUNCTION yesterday._record_rollback(deployment bigint, kind text, reason text)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.rollback (deployment, kind, reason, rolled_back_role, client_addr, application_name)
    VALUES (deployment, kind, reason, yesterday._caller(), pg_catalog.inet_client_addr(),
            pg_catalog.current_setting('application_name'))
    RETURNING id;
$function$;
COMMENT ON FUNCTION yesterday._record_rollback(bigint, text, text) IS 'opens the record of a rollback; returns its id';
REVOKE ALL ON FUNCTION yesterday._record_rollback(bigint, text, text) FROM PUBLIC;

