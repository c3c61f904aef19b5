-- Retention is DROP TABLE.
CREATE FUNCTION yesterday._drop_shadow(shadow name)
RETURNS boolean
AS 'MODULE_PATHNAME', 'yd_drop_shadow'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._drop_shadow(name) IS
    'drops a table of yesterday_shadow without firing event triggers; false when there is none';
REVOKE ALL ON FUNCTION yesterday._drop_shadow(name) FROM PUBLIC;

