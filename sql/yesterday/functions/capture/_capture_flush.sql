-- The row triggers buffer; whoever reads a shadow flushes first.
CREATE FUNCTION yesterday._capture_flush()
RETURNS void
AS 'MODULE_PATHNAME', 'yd_capture_flush_sql'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._capture_flush() IS
    'writes buffered records to their shadow tables';
REVOKE ALL ON FUNCTION yesterday._capture_flush() FROM PUBLIC;

