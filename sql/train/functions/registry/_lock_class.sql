-- First key of the advisory locks of groups; the second is the group's id.
CREATE FUNCTION train._lock_class()
RETURNS integer
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN 1499747157;
COMMENT ON FUNCTION train._lock_class() IS 'first key of the advisory locks of groups';
REVOKE ALL ON FUNCTION train._lock_class() FROM PUBLIC;

