-- A state of a target, for people.
CREATE FUNCTION train._state_words(state text)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN CASE state WHEN 'on_train' THEN 'on the train' WHEN 'off_train' THEN 'off the train' ELSE state END;
COMMENT ON FUNCTION train._state_words(text) IS 'a state of a target, for people';
REVOKE ALL ON FUNCTION train._state_words(text) FROM PUBLIC;

