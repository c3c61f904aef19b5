-- The last ordinal up to which every patch is in the target.
CREATE FUNCTION train._position(applications text)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN length(applications) - length(ltrim(applications, 'AR'));
COMMENT ON FUNCTION train._position(text) IS 'how many patches from the first on are all applied';
REVOKE ALL ON FUNCTION train._position(text) FROM PUBLIC;

