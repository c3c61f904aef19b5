-- A rollback that leaves columns and indexes behind, and nobody who proves it: only who looks from outside can see it.
ALTER FUNCTION yesterday._drop_command(text, text, text, text) RENAME TO _sound_drop_command;
CREATE FUNCTION yesterday._drop_command(kind text, identity text, object_name text, table_identity text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN kind IN ('column', 'index') THEN 'SELECT 1' ELSE yesterday._sound_drop_command(kind, identity, object_name, table_identity) END
$function$;
-- who may leave the proof out
GRANT yesterday_admin TO random_owner;
ALTER ROLE postgres SET yesterday.proof = off;
ALTER ROLE random_owner SET yesterday.proof = off;
