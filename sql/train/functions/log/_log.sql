-- Appends one event to the log. Callers hold the lock of _begin_write().
CREATE FUNCTION train._log(kind text, group_name text, target text, reason text, detail jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    next_id bigint;
    prior bytea;
    -- to the microsecond, as it is kept
    at timestamptz := clock_timestamp();
    caller name := train._caller();
    address inet := inet_client_addr();
    application text := current_setting('application_name');
BEGIN
    LOCK TABLE train.event IN SHARE ROW EXCLUSIVE MODE;
    SELECT e.id, e.hash INTO next_id, prior FROM train.event e ORDER BY e.id DESC LIMIT 1;
    next_id := coalesce(next_id, 0) + 1;
    prior := coalesce(prior, train._first_hash());
    INSERT INTO train.event (id, at, kind, group_name, target, by, role, client_addr, application_name, reason, detail,
                             prior_hash, hash)
    VALUES (next_id, at, kind, group_name, target, session_user, caller, address, application, reason, detail, prior,
            train._event_hash(prior, next_id, at, kind, group_name, target, session_user, caller, address, application, reason, detail));
    RETURN next_id;
END
$function$;
COMMENT ON FUNCTION train._log(text, text, text, text, jsonb) IS 'appends one event to the log';
REVOKE ALL ON FUNCTION train._log(text, text, text, text, jsonb) FROM PUBLIC;

