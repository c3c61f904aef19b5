-- REVOKE ALL ON a table takes the privileges on its columns as well: these have to come back.
-- @setup
CREATE SCHEMA meta
-- @setup
CREATE TABLE meta.t (id int PRIMARY KEY, a text, b text)
-- @setup
GRANT SELECT (a) ON meta.t TO PUBLIC
-- @setup
GRANT UPDATE (b) ON meta.t TO random_reader
-- @begin transaction
-- @a
GRANT INSERT, SELECT ON meta.t TO PUBLIC
-- @a
GRANT DELETE ON meta.t TO random_reader
-- @finish
