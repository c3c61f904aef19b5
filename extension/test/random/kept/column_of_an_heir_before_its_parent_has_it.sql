-- A column that an heir had first, and its parent later, can go from the heir only after it has gone from the parent.
-- @setup
CREATE SCHEMA meta
-- @setup
CREATE TABLE meta.t (a int)
-- @setup
CREATE TABLE meta.heir (more text) INHERITS (meta.t)
-- @begin transaction
-- @a
ALTER TABLE meta.heir ADD COLUMN col int
-- @a
ALTER TABLE meta.t ADD COLUMN col int
-- @finish
