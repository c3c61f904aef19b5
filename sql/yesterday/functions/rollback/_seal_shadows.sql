-- Seals the shadow tables of a deployment as they are now.
CREATE FUNCTION yesterday._seal_shadows(deployment bigint)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    DELETE FROM yesterday.shadow_seal s WHERE s.deployment = $1;
    INSERT INTO yesterday.shadow_seal (shadow_name, deployment, seal)
    SELECT s.shadow_name, $1, s.seal
    FROM (SELECT o.shadow_name, coalesce(yesterday._recorded_seal(o.shadow_name), yesterday._shadow_seal(o.shadow_name)) AS seal
          FROM yesterday._shadows_of($1) o OFFSET 0) s
    WHERE s.seal IS NOT NULL;
$function$;
COMMENT ON FUNCTION yesterday._seal_shadows(bigint) IS 'internal: seals the shadow tables of a deployment';
REVOKE ALL ON FUNCTION yesterday._seal_shadows(bigint) FROM PUBLIC;

