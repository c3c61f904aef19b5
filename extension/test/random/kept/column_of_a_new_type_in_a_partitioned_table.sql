-- The column of a partition goes with the one of its parent, also where its type goes.
-- @setup
CREATE SCHEMA meta
-- @setup
CREATE TABLE meta.mu (id int PRIMARY KEY) PARTITION BY HASH (id)
-- @setup
CREATE TABLE meta.p0 PARTITION OF meta.mu FOR VALUES WITH (MODULUS 1, REMAINDER 0)
-- @begin transaction
-- @a
CREATE TYPE meta.kind AS (p int, q text)
-- @a
ALTER TABLE meta.mu ADD COLUMN c meta.kind
-- @finish
