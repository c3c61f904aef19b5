-- In C, so that no event trigger runs as the owner of the extension.
CREATE FUNCTION yesterday._drop_triggers(tracked_table oid)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_drop_triggers'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._drop_triggers(oid) IS
    'takes the capture triggers off a table without firing event triggers';
REVOKE ALL ON FUNCTION yesterday._drop_triggers(oid) FROM PUBLIC;

