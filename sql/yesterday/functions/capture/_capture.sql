-- AFTER INSERT, UPDATE and DELETE, put in place by track(). Fires for what _capturing() leaves to it.
CREATE FUNCTION yesterday._capture()
RETURNS trigger
AS 'MODULE_PATHNAME', 'yd_capture'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._capture() IS
    'row trigger of tracked tables: prior images and inserted keys';
REVOKE ALL ON FUNCTION yesterday._capture() FROM PUBLIC;

