-- Rows of business tables as commands of a deployment found them that destroy some of what they hold, as hashes: what the
-- proof compares with what the rehearsed rollback brings back, and nothing else uses. One row a table, and another
-- where somebody has written since what a later command destroys. Gone when the deployment is finished.
--   schema_name, table_name   before the deployment
--   columns   attribute numbers, in the order of the hashes
--   sums      one a column: sums of hashes over all rows     row_sum   of whole rows
--   keys      attribute numbers of every key
--   retyping  columns that the command which runs gives another type
--   ends      {number: sum} of columns as the last change of their type left them
--   written   columns that somebody has written before a later command destroyed them: not compared row by row
--   loose     rows came or went before the table was dropped
CREATE SEQUENCE yesterday.compared_table_id_seq;
CREATE TABLE yesterday.compared_table (
    id          bigint     NOT NULL DEFAULT nextval('yesterday.compared_table_id_seq'),
    deployment  bigint     NOT NULL,
    relid       oid        NOT NULL,
    schema_name name       NOT NULL,
    table_name  name       NOT NULL,
    columns     smallint[] NOT NULL,
    keys        jsonb      NOT NULL DEFAULT '[]',
    rows        bigint,
    row_sum     bigint,
    sums        bigint[],
    retyping    smallint[] NOT NULL DEFAULT '{}',
    ends        jsonb      NOT NULL DEFAULT '{}',
    written     smallint[] NOT NULL DEFAULT '{}',
    loose       boolean    NOT NULL DEFAULT false,
    CONSTRAINT compared_table_pkey PRIMARY KEY (id)
);
CREATE INDEX compared_table_relid ON yesterday.compared_table (deployment, relid);
COMMENT ON TABLE yesterday.compared_table IS 'hashes of rows of business tables, for the proof of an open deployment';
SELECT pg_catalog.pg_extension_config_dump('yesterday.compared_table', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.compared_table_id_seq', '');

-- The hashes of every row, four bytes a column, as many rows as there is room for.
CREATE TABLE yesterday.compared_rows (
    compared bigint  NOT NULL,
    ordinal  integer NOT NULL,
    hashes   bytea   NOT NULL,
    CONSTRAINT compared_rows_pkey PRIMARY KEY (compared, ordinal),
    CONSTRAINT compared_rows_table_fkey FOREIGN KEY (compared)
        REFERENCES yesterday.compared_table (id) ON DELETE CASCADE
);
-- nothing to be gained by compressing hashes
ALTER TABLE yesterday.compared_rows ALTER COLUMN hashes SET STORAGE PLAIN;
COMMENT ON TABLE yesterday.compared_rows IS 'hashes of rows of business tables, row by row';
SELECT pg_catalog.pg_extension_config_dump('yesterday.compared_rows', '');

-- Tables whose rows the inverse DDL of an open deployment writes anew: the proof sees that it leaves them as they are.
CREATE TABLE yesterday.rewritten_table (
    deployment bigint NOT NULL,
    relid      oid    NOT NULL,
    CONSTRAINT rewritten_table_pkey PRIMARY KEY (deployment, relid)
);
COMMENT ON TABLE yesterday.rewritten_table IS 'tables that inverse DDL writes anew';
SELECT pg_catalog.pg_extension_config_dump('yesterday.rewritten_table', '');
