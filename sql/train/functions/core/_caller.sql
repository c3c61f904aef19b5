-- Who acts, apart from session_user: the SET ROLE role, or the session's user.
CREATE FUNCTION train._caller()
RETURNS name
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN current_setting('role') = 'none' THEN session_user
            ELSE current_setting('role')::name END;
COMMENT ON FUNCTION train._caller() IS 'the SET ROLE role of the session, or its user';
REVOKE ALL ON FUNCTION train._caller() FROM PUBLIC;

