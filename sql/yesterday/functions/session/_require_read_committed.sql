-- Guards the verbs that must see what others committed.
CREATE FUNCTION yesterday._require_read_committed(verb text)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_require_read_committed'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._require_read_committed(text) IS
    'raises above READ COMMITTED';
REVOKE ALL ON FUNCTION yesterday._require_read_committed(text) FROM PUBLIC;

