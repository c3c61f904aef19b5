-- The digest of definitions, each given as [kind, identity, definition].
CREATE FUNCTION yesterday._structure_digest(objects jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT encode(sha256(convert_to(coalesce(jsonb_agg(jsonb_build_array(o->0, o->1, yesterday._portable_definition(o->2))
                                                      ORDER BY (o->>0) COLLATE "C", (o->>1) COLLATE "C"), '[]')::text, 'UTF8')), 'hex')
    FROM jsonb_array_elements(objects) o;
$function$;
COMMENT ON FUNCTION yesterday._structure_digest(jsonb) IS 'portable digest of definitions';
REVOKE ALL ON FUNCTION yesterday._structure_digest(jsonb) FROM PUBLIC;

