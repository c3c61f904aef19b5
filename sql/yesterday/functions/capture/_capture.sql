-- AFTER INSERT OR UPDATE OR DELETE, put in place by track().
CREATE FUNCTION yesterday._capture()
RETURNS trigger
AS 'MODULE_PATHNAME', 'yd_capture'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._capture() IS
    'row trigger of tracked tables: prior images and inserted keys';
REVOKE ALL ON FUNCTION yesterday._capture() FROM PUBLIC;

