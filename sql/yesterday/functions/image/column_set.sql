-- yesterday._column_set(num, name, type, not_null, properties): the columns of a relation as an array in the order of their
-- numbers, one object each: {"num", "name", "type", "not_null" where it has one, and what properties has}.
CREATE FUNCTION yesterday._column_set_add(internal, smallint, name, text, jsonb, jsonb) RETURNS internal
LANGUAGE c PARALLEL SAFE
AS 'MODULE_PATHNAME', 'yd_column_set_add';
COMMENT ON FUNCTION yesterday._column_set_add(internal, smallint, name, text, jsonb, jsonb) IS 'internal: a column more';
REVOKE ALL ON FUNCTION yesterday._column_set_add(internal, smallint, name, text, jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION yesterday._column_set_end(internal) RETURNS jsonb
LANGUAGE c PARALLEL SAFE
AS 'MODULE_PATHNAME', 'yd_column_set_end';
COMMENT ON FUNCTION yesterday._column_set_end(internal) IS 'internal: the columns as an array';
REVOKE ALL ON FUNCTION yesterday._column_set_end(internal) FROM PUBLIC;

CREATE AGGREGATE yesterday._column_set(num smallint, name name, type text, not_null jsonb, properties jsonb) (
    SFUNC = yesterday._column_set_add, STYPE = internal, SSPACE = 2048,
    FINALFUNC = yesterday._column_set_end, FINALFUNC_MODIFY = READ_WRITE
);
COMMENT ON AGGREGATE yesterday._column_set(smallint, name, text, jsonb, jsonb) IS 'internal: columns of a relation for its schema image';
REVOKE ALL ON FUNCTION yesterday._column_set(smallint, name, text, jsonb, jsonb) FROM PUBLIC;

