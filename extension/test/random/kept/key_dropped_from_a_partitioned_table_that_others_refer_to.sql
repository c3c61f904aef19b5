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
-- @rollback
-- @setup
CREATE TABLE meta.self (nu int PRIMARY KEY, up int, CONSTRAINT con2 FOREIGN KEY (up) REFERENCES meta.self (nu)) PARTITION BY RANGE (nu)
-- @setup
CREATE TABLE meta.s0 PARTITION OF meta.self FOR VALUES FROM (MINVALUE) TO (5) PARTITION BY RANGE (nu)
-- @setup
CREATE TABLE meta.s00 PARTITION OF meta.s0 FOR VALUES FROM (MINVALUE) TO (3)
-- @begin open
-- @a
ALTER TABLE meta.self DROP CONSTRAINT self_pkey CASCADE
-- @finish
