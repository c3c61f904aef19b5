-- A foreign key of a partition to its own parent can hold only when the partition is attached.
-- @setup
CREATE SCHEMA meta
-- @setup
CREATE TABLE meta.mu (id int PRIMARY KEY, up int, FOREIGN KEY (up) REFERENCES meta.mu (id) ON DELETE CASCADE) PARTITION BY HASH (id)
-- @setup
CREATE TABLE meta.p0 PARTITION OF meta.mu FOR VALUES WITH (MODULUS 2, REMAINDER 0)
-- @setup
CREATE TABLE meta.p1 PARTITION OF meta.mu FOR VALUES WITH (MODULUS 2, REMAINDER 1) PARTITION BY HASH (id)
-- @setup
CREATE TABLE meta.p2 PARTITION OF meta.p1 FOR VALUES WITH (MODULUS 1, REMAINDER 0)
-- @setup
INSERT INTO meta.mu VALUES (1, 1), (2, 1), (3, 2), (4, 3), (5, 5), (6, 4), (7, 2)
-- @track
SELECT yesterday.track('meta.mu')
-- @begin transaction
-- @a
DROP TABLE meta.mu CASCADE
-- @finish
