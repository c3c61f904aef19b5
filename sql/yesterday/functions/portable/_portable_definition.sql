-- The definition of an object without what may differ between aligned targets: owners and grants, whose roles are
-- local; tablespaces, statistics targets; attribute numbers; the order of columns.
CREATE FUNCTION yesterday._portable_definition(def jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT d.def - '{acl,tablespace,statistics,target,index_create}'::text[]
           || CASE WHEN jsonb_typeof(d.def -> 'columns') = 'array' THEN jsonb_build_object('columns',
                (SELECT coalesce(jsonb_agg(
                            c.value - '{acl,statistics}'::text[]
                            || CASE WHEN jsonb_typeof(c.value -> 'identity') = 'object' THEN jsonb_build_object('identity', (c.value -> 'identity') - 'acl') ELSE '{}' END
                            ORDER BY (c.value ->> 'name') COLLATE "C"), '[]')
                 FROM jsonb_array_elements(d.def -> 'columns') c)) ELSE '{}' END
    FROM (SELECT yesterday._comparable(def) AS def) d;
$function$;
COMMENT ON FUNCTION yesterday._portable_definition(jsonb) IS 'a definition without what may differ between aligned targets';
REVOKE ALL ON FUNCTION yesterday._portable_definition(jsonb) FROM PUBLIC;

