ALTER TABLE apps.rule ADD COLUMN second_approver text;
COMMENT ON COLUMN apps.rule.second_approver IS 'who approves after the approver; nobody if null';

CREATE TABLE apps.delegate (
    approver text NOT NULL,
    deputy text NOT NULL,
    CONSTRAINT delegate_pkey PRIMARY KEY (approver, deputy)
);
CREATE INDEX delegate_deputy ON apps.delegate (deputy);
GRANT SELECT ON apps.delegate TO PUBLIC;
INSERT INTO apps.delegate VALUES ('manager', 'team lead'), ('cfo', 'controller');
