-- Does a default make another value in every database? Numbers from a sequence, and generated UUIDs.
CREATE FUNCTION yesterday._is_surrogate(default_text text, identity "char")
RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN identity <> '' OR coalesce(default_text ~ '\m(nextval|gen_random_uuid|uuid_generate_v[14]\w*|uuidv[47])\(', false);
COMMENT ON FUNCTION yesterday._is_surrogate(text, "char") IS 'does a default make another value in every database?';
REVOKE ALL ON FUNCTION yesterday._is_surrogate(text, "char") FROM PUBLIC;

