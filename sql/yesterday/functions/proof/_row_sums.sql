-- yesterday._row_sums(relation, columns, part, keep): sums of hashes over the rows of a table, in any order: of whole
-- rows, of the part of each that is flagged, and of each column (number 0: not there). keep: of yesterday.compared_table,
-- under which the hashes of each row are kept. Nobody writes the table until the transaction ends.
CREATE FUNCTION yesterday._row_sums(relation oid, columns smallint[], part boolean[] DEFAULT NULL, keep bigint DEFAULT NULL,
                                    OUT rows bigint, OUT row_sum bigint, OUT part_sum bigint, OUT sums bigint[]) RETURNS record
LANGUAGE c AS 'MODULE_PATHNAME', 'yd_row_sums';
COMMENT ON FUNCTION yesterday._row_sums(oid, smallint[], boolean[], bigint) IS 'internal: sums of hashes over the rows of a table';
REVOKE ALL ON FUNCTION yesterday._row_sums(oid, smallint[], boolean[], bigint) FROM PUBLIC;

-- yesterday._find_lost_rows(compared, rows, relation, columns, compared_by, told_apart_by): in a rehearsal, how many of the
-- rows kept under this number the table does not have.
CREATE FUNCTION yesterday._find_lost_rows(compared bigint, rows bigint, relation oid, columns smallint[],
                                          compared_by boolean[], told_apart_by boolean[]) RETURNS bigint
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'yd_find_lost_rows';
COMMENT ON FUNCTION yesterday._find_lost_rows(bigint, bigint, oid, smallint[], boolean[], boolean[]) IS 'internal: rows that a rehearsal did not bring back';
REVOKE ALL ON FUNCTION yesterday._find_lost_rows(bigint, bigint, oid, smallint[], boolean[], boolean[]) FROM PUBLIC;

-- yesterday._judge_lost_rows(compared, relation, columns, told_apart_by): after it, how many of these nobody has written
-- meanwhile. Null: a table that is gone, which nobody could write.
CREATE FUNCTION yesterday._judge_lost_rows(compared bigint, relation oid, columns smallint[], told_apart_by boolean[]) RETURNS bigint
LANGUAGE c AS 'MODULE_PATHNAME', 'yd_judge_lost_rows';
COMMENT ON FUNCTION yesterday._judge_lost_rows(bigint, oid, smallint[], boolean[]) IS 'internal: rows that are lost, and that nobody has written';
REVOKE ALL ON FUNCTION yesterday._judge_lost_rows(bigint, oid, smallint[], boolean[]) FROM PUBLIC;
