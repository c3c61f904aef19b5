-- An owner reads saved rows while the rollback puts them back, and never otherwise.
CREATE FUNCTION yesterday._grant_shadow(shadow name, reader name, is_grant boolean)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_grant_shadow'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._grant_shadow(name, name, boolean) IS
    'lets a role read one table of yesterday_shadow, or takes that back, without firing event triggers';
REVOKE ALL ON FUNCTION yesterday._grant_shadow(name, name, boolean) FROM PUBLIC;

