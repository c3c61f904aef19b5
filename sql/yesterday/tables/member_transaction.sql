-- Transactions that wrote for a deployment, entered at PRE_COMMIT and PRE_PREPARE.
-- ordinal is the order of commit: of two members that touched the same row,
-- the one with the smaller ordinal was first (the row lock orders them).
CREATE SEQUENCE yesterday.member_transaction_ordinal_seq;
CREATE TABLE yesterday.member_transaction (
    deployment bigint NOT NULL,
    ordinal    bigint NOT NULL DEFAULT nextval('yesterday.member_transaction_ordinal_seq'),
    xid        xid8   NOT NULL,
    subxids    xid8[] NOT NULL DEFAULT '{}',
    CONSTRAINT member_transaction_pkey PRIMARY KEY (deployment, xid)
);
COMMENT ON TABLE yesterday.member_transaction IS 'transactions that wrote for a deployment, with their committed subtransactions';
SELECT pg_catalog.pg_extension_config_dump('yesterday.member_transaction', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.member_transaction_ordinal_seq', '');

