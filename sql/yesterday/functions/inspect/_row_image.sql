-- A row as {column: type output text or null}, under pinned settings: the form of the attic
-- and of _records(). The controller reads rows with it where it makes bundles out of databases.
CREATE FUNCTION yesterday._row_image(anyelement)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'yd_row_image'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._row_image(anyelement) IS
    'a row as {column: type output text or null}';
REVOKE ALL ON FUNCTION yesterday._row_image(anyelement) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._row_image(anyelement) TO yesterday_viewer;
