-- In C, so that no event trigger runs as the owner of the extension.
CREATE FUNCTION yesterday._create_triggers(tracked_table oid, outside text, tracked bigint)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_create_triggers'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._create_triggers(oid, text, bigint) IS
    'puts the capture triggers on a table without firing event triggers';
REVOKE ALL ON FUNCTION yesterday._create_triggers(oid, text, bigint) FROM PUBLIC;

