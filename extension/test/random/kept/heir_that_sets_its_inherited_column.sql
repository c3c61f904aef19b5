-- What a partition or an heir sets on a column that it has from its parent is its own.
-- @setup
CREATE SCHEMA meta
-- @setup
CREATE TABLE meta.t (a int, b text, c text)
-- @setup
CREATE TABLE meta.heir (more text) INHERITS (meta.t)
-- @setup
ALTER TABLE meta.heir ALTER COLUMN c SET STORAGE EXTERNAL
-- @setup
CREATE TABLE meta.mu (id int PRIMARY KEY, b text) PARTITION BY HASH (id)
-- @setup
CREATE TABLE meta.p0 PARTITION OF meta.mu FOR VALUES WITH (MODULUS 1, REMAINDER 0)
-- @begin transaction
-- @a
ALTER TABLE meta.heir ALTER COLUMN a SET STATISTICS 77
-- @a
ALTER TABLE meta.heir ALTER COLUMN b SET STORAGE MAIN
-- @a
ALTER TABLE meta.t ALTER COLUMN c SET STORAGE MAIN
-- @a
ALTER TABLE meta.p0 ALTER COLUMN b SET (n_distinct = 7)
-- @a
ALTER TABLE meta.t ALTER COLUMN b SET STATISTICS 33
-- @finish
