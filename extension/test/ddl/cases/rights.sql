-- case: schema created with default privileges in it
-- deploy
CREATE SCHEMA made AUTHORIZATION ddl_bob;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice IN SCHEMA made GRANT SELECT ON TABLES TO ddl_bob;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_bob IN SCHEMA made GRANT EXECUTE ON FUNCTIONS TO ddl_alice WITH GRANT OPTION;
-- case: schema dropped with default privileges in it
-- setup
CREATE SCHEMA made AUTHORIZATION ddl_bob;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice IN SCHEMA made GRANT SELECT ON TABLES TO ddl_bob;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_bob IN SCHEMA made GRANT EXECUTE ON FUNCTIONS TO ddl_alice WITH GRANT OPTION;
-- deploy
DROP SCHEMA made;
-- case: schema renamed with default privileges in it
-- setup
CREATE SCHEMA made;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice IN SCHEMA made GRANT SELECT ON TABLES TO ddl_bob;
-- deploy
ALTER SCHEMA made RENAME TO other;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice IN SCHEMA other GRANT INSERT ON TABLES TO ddl_carol;
CREATE SCHEMA made;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice IN SCHEMA made GRANT DELETE ON TABLES TO ddl_carol;
-- case: statistics of another owner
-- setup
GRANT CREATE ON SCHEMA public TO ddl_alice;
CREATE TABLE t (a int, b int, c int);
CREATE STATISTICS st ON a, b FROM t;
ALTER TABLE t OWNER TO ddl_alice;
ALTER STATISTICS st OWNER TO ddl_bob;
CREATE STATISTICS gone ON a, c FROM t;
ALTER STATISTICS gone OWNER TO ddl_carol;
-- deploy
ALTER TABLE t DROP COLUMN b;
DROP STATISTICS gone;
CREATE STATISTICS new ON a, c FROM t;
ALTER STATISTICS new OWNER TO ddl_bob;
-- case: statistics of another owner dropped with its table
-- setup
GRANT CREATE ON SCHEMA public TO ddl_alice;
CREATE TABLE t (a int, b int, c int);
CREATE STATISTICS st ON a, b FROM t;
ALTER TABLE t OWNER TO ddl_alice;
ALTER STATISTICS st OWNER TO ddl_bob;
ALTER STATISTICS st SET STATISTICS 7;
COMMENT ON STATISTICS st IS 'bob''s';
-- deploy
DROP TABLE t;
-- case: foreign key whose owner may no longer reference the parent
-- setup
GRANT CREATE ON SCHEMA public TO ddl_alice, ddl_bob;
CREATE TABLE parent (id int PRIMARY KEY, other int UNIQUE);
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent, other int);
INSERT INTO parent VALUES (1, 1);
INSERT INTO child VALUES (1, 1, NULL);
ALTER TABLE parent OWNER TO ddl_alice;
ALTER TABLE child OWNER TO ddl_bob;
-- deploy
ALTER TABLE child DROP CONSTRAINT child_parent_fkey;
-- case: foreign key whose owner may no longer reference the parent, of tables that are made anew
-- setup
GRANT CREATE ON SCHEMA public TO ddl_alice, ddl_bob;
CREATE TABLE parent (id int PRIMARY KEY, other int UNIQUE);
CREATE TABLE child (id int PRIMARY KEY, parent int CONSTRAINT fk REFERENCES parent, other int);
INSERT INTO parent VALUES (1, 1);
INSERT INTO child VALUES (1, 1, NULL);
ALTER TABLE parent OWNER TO ddl_alice;
ALTER TABLE child OWNER TO ddl_bob;
COMMENT ON CONSTRAINT fk ON child IS 'of before';
-- deploy open
DROP TABLE child, parent;
-- case: foreign key whose owner lost the right in the deployment
-- setup
GRANT CREATE ON SCHEMA public TO ddl_alice, ddl_bob;
CREATE TABLE parent (id int PRIMARY KEY);
ALTER TABLE parent OWNER TO ddl_alice;
GRANT REFERENCES, SELECT ON parent TO ddl_bob;
CREATE TABLE child (id int PRIMARY KEY, parent int);
ALTER TABLE child OWNER TO ddl_bob;
ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent;
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (1, 1);
-- deploy
REVOKE REFERENCES, SELECT ON parent FROM ddl_bob;
ALTER TABLE child DROP CONSTRAINT fk;
-- case: objects moved to where their owner has no rights
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text CHECK (a <> ''), b text GENERATED ALWAYS AS (upper(a)) STORED);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE mood AS ENUM ('sad');
ALTER TABLE t OWNER TO ddl_bob;
ALTER FUNCTION f() OWNER TO ddl_bob;
ALTER TYPE mood OWNER TO ddl_bob;
-- deploy
CREATE SCHEMA s;
ALTER TABLE t SET SCHEMA s;
ALTER TABLE s.t RENAME TO u;
ALTER TABLE s.u RENAME COLUMN a TO aa;
ALTER FUNCTION f() SET SCHEMA s;
ALTER TYPE mood SET SCHEMA s;
-- case: schema commented while others make objects in it
-- deploy open
COMMENT ON SCHEMA public IS 'new';
\c
CREATE VIEW theirs AS SELECT 1 AS theirs;
-- residue
theirs
-- once
