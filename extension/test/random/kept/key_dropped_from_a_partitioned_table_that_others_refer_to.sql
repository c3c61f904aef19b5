-- A foreign key to a partitioned table comes back after the keys of all its partitions.
-- @setup
CREATE SCHEMA meta
-- @setup
CREATE TABLE meta.xi (nu int PRIMARY KEY) PARTITION BY RANGE (nu)
-- @setup
CREATE TABLE meta.p0 PARTITION OF meta.xi FOR VALUES FROM (MINVALUE) TO (5)
-- @setup
CREATE TABLE meta.p1 PARTITION OF meta.xi DEFAULT
-- @setup
CREATE TABLE meta.o (up int REFERENCES meta.xi (nu))
-- @begin transaction
-- @a
ALTER TABLE meta.xi DROP CONSTRAINT xi_pkey CASCADE
-- @finish
