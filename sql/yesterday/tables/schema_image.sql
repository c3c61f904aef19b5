-- The schema image: definitions of all objects of the database but those of the
-- system, of extensions and our own.
--   phase       before: what the deployment found   after: what it left
--               now: what a rollback finds          goal: what the rollback is to reach
--   classid, objid   address within this image; it means nothing in another cluster
--   kind        the word that a person uses: table, column, function, ...
--   identity    schema-qualified and quoted, as DDL commands take it
--   parent      objid of the table, for what belongs to one
--   definition  every property, without nulls; the columns of a table in their order
--   position    sequences: where they stand, which is not part of the definition
-- The phase has the collation that parameters have in a function with a name beside them: in another one they do not
-- lead to the index.
CREATE TABLE yesterday.schema_object (
    deployment  bigint NOT NULL,
    phase       text   COLLATE "C" NOT NULL,
    classid     oid    NOT NULL,
    objid       oid    NOT NULL,
    kind        text   NOT NULL,
    schema_name name,
    object_name text   NOT NULL,
    identity    text   NOT NULL,
    parent      oid,
    owner       name,
    definition  jsonb  NOT NULL,
    position    jsonb,
    CONSTRAINT schema_object_pkey PRIMARY KEY (deployment, phase, classid, objid),
    CONSTRAINT schema_object_phase_check CHECK (phase IN ('before', 'after', 'now', 'goal'))
);
COMMENT ON TABLE yesterday.schema_object IS 'schema images: definitions of objects at one moment';
SELECT pg_catalog.pg_extension_config_dump('yesterday.schema_object', '');

-- What needs what, between objects of one image. The address has a third part:
--   classid pg_class,     objsubid > 0   a column
--   classid pg_attrdef,   objid table, objsubid column   its default
--   classid pg_attribute, objid table, objsubid column   its NOT NULL
CREATE TABLE yesterday.schema_dependency (
    deployment  bigint   NOT NULL,
    phase       text     COLLATE "C" NOT NULL,
    classid     oid      NOT NULL,
    objid       oid      NOT NULL,
    objsubid    integer  NOT NULL,
    refclassid  oid      NOT NULL,
    refobjid    oid      NOT NULL,
    refobjsubid integer  NOT NULL,
    CONSTRAINT schema_dependency_pkey
        PRIMARY KEY (deployment, phase, refclassid, refobjid, refobjsubid, classid, objid, objsubid)
);
COMMENT ON TABLE yesterday.schema_dependency IS 'schema images: which object needs which';
SELECT pg_catalog.pg_extension_config_dump('yesterday.schema_dependency', '');

