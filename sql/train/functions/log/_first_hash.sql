-- What the first event hangs on: the identity of the registry, so that no chain of another one fits.
CREATE FUNCTION train._first_hash()
RETURNS bytea
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
RETURN sha256(convert_to('yesterday train ' || train.registry_id(), 'UTF8'));
COMMENT ON FUNCTION train._first_hash() IS 'the hash that the first event hangs on';
REVOKE ALL ON FUNCTION train._first_hash() FROM PUBLIC;

