-- Workspace of the planner: the objects that an inverse touches. Filled and emptied within one
-- call, hence neither dumped nor of interest to anybody; not a temporary table, because
-- deployments and proofs must stay preparable (PREPARE TRANSACTION).
--   action   retype (a type: made anew, what uses it goes over, the old one dropped),
--            drop, create, alter, recreate (dropped and made again), rebuild (a table with
--            its rows), none (only attributes), refuse
--   reason   deployment: the deployment changed it   around: something that it needs changes
--            displaced: somebody else's, made since, that cannot stay
--            again: the rows are as before, and only its type is left
--   objid    address in the image "now", bobjid in "before", aobjid in "after"
--   columns  of a table that is made: [{now, goal, num (number before)}]
--   repointed   what it is to be names other objects, though the text is the same (_repointed)
--   implied  dropped by dropping another one: no command of its own
CREATE TABLE yesterday.plan_node (
    deployment    bigint  NOT NULL,
    node          integer NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind          text    NOT NULL,
    action        text    NOT NULL DEFAULT 'none',
    reason        text    NOT NULL DEFAULT 'deployment',
    classid       oid     NOT NULL,
    objid         oid,
    bobjid        oid,
    aobjid        oid,
    objsubid      integer NOT NULL DEFAULT 0,
    bobjsubid     integer NOT NULL DEFAULT 0,
    parent        integer,
    implied       boolean NOT NULL DEFAULT false,
    as_deployed   boolean NOT NULL DEFAULT false,
    repointed     boolean NOT NULL DEFAULT false,
    schema_name   name,
    now_name      text,
    goal_name     text,
    now_identity  text,
    goal_identity text,
    now_table     text,
    goal_table    text,
    columns       jsonb,
    now_def       jsonb,
    goal_def      jsonb,
    now_owner     name,
    goal_owner    name,
    refusal       text,
    CONSTRAINT plan_node_pkey PRIMARY KEY (deployment, node)
);
CREATE INDEX plan_node_now ON yesterday.plan_node (deployment, objid, classid, objsubid);
CREATE INDEX plan_node_before ON yesterday.plan_node (deployment, bobjid, classid, bobjsubid);
COMMENT ON TABLE yesterday.plan_node IS 'workspace of the planner of inverse DDL';

-- Types that are put aside under another name while what uses them goes over to the one of before.
--   because   the types that the deployment changed, for whose sake
CREATE TABLE yesterday.plan_aside (
    deployment bigint NOT NULL,
    aside      text   NOT NULL,
    identity   text   NOT NULL,
    because    text[] NOT NULL
);
-- it has no key, and publications FOR ALL TABLES publish deletes
ALTER TABLE yesterday.plan_aside REPLICA IDENTITY FULL;
COMMENT ON TABLE yesterday.plan_aside IS 'workspace of the planner of inverse DDL';

-- What a rollback found it has to leave as deployed; the next attempt plans without it.
--   detail    why, for the report    failure   values that do not fit: it is tried again when the rows are back
--   object    of an abandonment: the identity is the kind and name of an object that no command leads back    met: the plan had it
CREATE TABLE yesterday.plan_hold (
    deployment bigint  NOT NULL,
    identity   text    NOT NULL,
    detail     text,
    failure    text,
    object     boolean NOT NULL DEFAULT false,
    met        boolean NOT NULL DEFAULT false
);
-- it has no key, and publications FOR ALL TABLES publish deletes
ALTER TABLE yesterday.plan_hold REPLICA IDENTITY FULL;
COMMENT ON TABLE yesterday.plan_hold IS 'workspace of the planner of inverse DDL';

-- What has to be done, and after what. An action is node * 2 (drop) or node * 2 + 1 (make).
CREATE TABLE yesterday.plan_action (
    deployment bigint   NOT NULL,
    action     integer  NOT NULL,
    phase      smallint NOT NULL,
    round      integer,
    CONSTRAINT plan_action_pkey PRIMARY KEY (deployment, action)
);
COMMENT ON TABLE yesterday.plan_action IS 'workspace of the planner of inverse DDL';
CREATE TABLE yesterday.plan_order (
    deployment bigint  NOT NULL,
    action     integer NOT NULL,
    after      integer NOT NULL,
    CONSTRAINT plan_order_pkey PRIMARY KEY (deployment, action, after)
);
CREATE INDEX plan_order_after ON yesterday.plan_order (deployment, after);
COMMENT ON TABLE yesterday.plan_order IS 'workspace of the planner of inverse DDL';


-- Foreign keys of the tables under capture as they were when a rollback began: those that its inverse DDL takes away for as long as it
-- makes a table anew hold rows back all the same. Columns and their types by name, in the order of the key.
CREATE TABLE yesterday.plan_reference (
    deployment   bigint NOT NULL,
    name         text   NOT NULL,
    child        text   NOT NULL,
    parent       text   NOT NULL,
    child_names  name[] NOT NULL,
    parent_names name[] NOT NULL,
    child_types  oid[]  NOT NULL,
    parent_types oid[]  NOT NULL,
    equal        oid[]  NOT NULL,
    parent_equal oid[]  NOT NULL,
    valid        boolean NOT NULL
);
-- it has no key, and publications FOR ALL TABLES publish deletes
ALTER TABLE yesterday.plan_reference REPLICA IDENTITY FULL;
COMMENT ON TABLE yesterday.plan_reference IS 'workspace of a rollback: foreign keys of before its inverse DDL';
