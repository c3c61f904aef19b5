-- BEFORE TRUNCATE, put in place by track().
CREATE FUNCTION yesterday._capture_truncate()
RETURNS trigger
AS 'MODULE_PATHNAME', 'yd_capture_truncate'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._capture_truncate() IS
    'statement trigger of tracked tables: all rows, before TRUNCATE';
REVOKE ALL ON FUNCTION yesterday._capture_truncate() FROM PUBLIC;

