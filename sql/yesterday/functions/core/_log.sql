-- Appends one event to the log of the target.
CREATE FUNCTION yesterday._log(kind text, deployment bigint, reason text, detail jsonb)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.event (kind, deployment, role, client_addr, application_name, reason, detail)
    VALUES (kind, deployment, yesterday._caller(), pg_catalog.inet_client_addr(),
            pg_catalog.current_setting('application_name'), reason, detail);
$function$;
COMMENT ON FUNCTION yesterday._log(text, bigint, text, jsonb) IS 'appends one event to the log of the target';
REVOKE ALL ON FUNCTION yesterday._log(text, bigint, text, jsonb) FROM PUBLIC;

