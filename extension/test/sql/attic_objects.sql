-- What others built on, and wrote into, a table that a deployment made: named in preview and report, kept with its
-- definition, and brought back by hand.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
RESET SESSION AUTHORIZATION;
CREATE ROLE attic_owner;
CREATE ROLE attic_reader;
CREATE ROLE attic_admin;
GRANT yesterday_viewer TO attic_owner, attic_reader;
GRANT yesterday_admin TO attic_admin;
GRANT CREATE ON SCHEMA public TO attic_owner;
CREATE TABLE old (id int PRIMARY KEY);
INSERT INTO old VALUES (1);

BEGIN;
SELECT yesterday.begin_deployment('reports');
CREATE TABLE report (id serial PRIMARY KEY, title text NOT NULL DEFAULT 'untitled', owner int REFERENCES old);
INSERT INTO report (title) VALUES ('by the deployment');
GRANT SELECT, REFERENCES ON report TO attic_owner;
ALTER TABLE old ADD COLUMN note text;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;

-- others go on
INSERT INTO report (title, owner) VALUES ('by business', 1), ('also', NULL);
UPDATE old SET note = 'said by business';
CREATE INDEX report_title ON report (lower(title));
SET ROLE attic_owner;
CREATE VIEW titles AS SELECT count(*) FROM report;
COMMENT ON VIEW titles IS 'theirs';
GRANT SELECT ON titles TO attic_reader;
CREATE TABLE remark (id int PRIMARY KEY, report int CONSTRAINT remark_report REFERENCES report);
INSERT INTO remark VALUES (1, 2);
RESET ROLE;

SELECT subject, outcome, rows FROM rollback_preview() WHERE outcome LIKE 'kept%' OR outcome = 'would be displaced' ORDER BY 1;
SELECT subject, outcome, rows, detail FROM rollback_last() WHERE outcome = 'kept in the attic' ORDER BY 1;
SELECT kind, identity, owner, reason FROM yesterday.attic_objects ORDER BY kind, identity;
SELECT commands LIKE 'CREATE VIEW public.titles%COMMENT ON%GRANT SELECT%' AS whole FROM yesterday.attic_objects WHERE identity = 'public.titles';

-- a definition is shown to its owner and to admins
SET ROLE attic_owner;
SELECT kind, identity FROM yesterday.attic_objects ORDER BY kind, identity;
SET ROLE attic_reader;
SELECT count(*) FROM yesterday.attic_objects;
SELECT * FROM yesterday.attic_object;
SET ROLE attic_admin;
SELECT count(*) FROM yesterday.attic_objects;
RESET ROLE;

-- brought back (server versions write the commands differently): the table, its rows, what stood on it
\set ECHO none
SELECT commands FROM yesterday.attic_objects WHERE kind = 'table' \gexec
\set ECHO all
INSERT INTO report SELECT r.* FROM yesterday.attic a, jsonb_populate_record(NULL::report, a.row_data) r WHERE a.table_name = 'report';
SELECT * FROM report ORDER BY id;
INSERT INTO report DEFAULT VALUES RETURNING title;
SELECT commands FROM yesterday.attic_objects WHERE kind = 'column' \gexec
UPDATE old o SET note = a.row_data ->> 'note' FROM yesterday.attic a WHERE a.table_name = 'old' AND (a.row_key ->> 'id')::int = o.id;
SELECT * FROM old;
SELECT commands FROM yesterday.attic_objects WHERE kind = 'constraint' AND identity LIKE 'remark%' \gexec
GRANT SELECT ON report TO attic_owner;
SET ROLE attic_owner;
\set ECHO none
SELECT commands FROM yesterday.attic_objects WHERE kind = 'view' \gexec
\set ECHO all
SELECT * FROM titles;
SELECT obj_description('titles'::regclass), has_table_privilege('attic_reader', 'titles', 'SELECT');
RESET ROLE;
\d report
DROP OWNED BY attic_owner, attic_reader, attic_admin;
DROP ROLE attic_owner, attic_reader, attic_admin;
