-- The hash of an event: of its content and of the hash before it. The same in every session, whatever
-- its settings, and after dump and restore.
CREATE FUNCTION train._event_hash(prior bytea, id bigint, at timestamptz, kind text, group_name text, target text,
                                  by name, role name, client_addr inet, application_name text, reason text, detail jsonb)
RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT sha256(prior || convert_to(jsonb_build_array(
        id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), kind, group_name, target, by, role,
        text(client_addr), application_name, reason, detail)::text, 'UTF8'));
$function$;
COMMENT ON FUNCTION train._event_hash(bytea, bigint, timestamptz, text, text, text, name, name, inet, text, text, jsonb) IS
    'SHA-256 of an event and of the hash before it';
REVOKE ALL ON FUNCTION train._event_hash(bytea, bigint, timestamptz, text, text, text, name, name, inet, text, text, jsonb) FROM PUBLIC;

