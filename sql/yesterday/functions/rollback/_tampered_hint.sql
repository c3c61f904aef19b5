-- What to do when the shadow tables of a deployment are not as they were.
CREATE FUNCTION yesterday._tampered_hint(deployment bigint)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('Nothing was changed. Bring the shadow table back from a backup. If what it holds now is what the rollback is to bring back, an admin says so: SELECT yesterday.trust_images(%L, reason => %L);',
                  $1::text, 'why');
$function$;
COMMENT ON FUNCTION yesterday._tampered_hint(bigint) IS 'hint for shadow tables that are not as they were';
REVOKE ALL ON FUNCTION yesterday._tampered_hint(bigint) FROM PUBLIC;

