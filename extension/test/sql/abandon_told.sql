-- An abandonment looks at what it has brought back: no proof has done that for a deployment that is still open.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE page (id int PRIMARY KEY, at text COLLATE "C");
COMMENT ON TABLE page IS 'pages';
INSERT INTO page VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track('page');

-- all is as before, and nothing is named
SELECT yesterday.begin_deployment('one', scope => 'open') AS id \gset
SELECT set_config('yesterday.deployment', :'id', false) = :'id' AS joined;
COMMENT ON TABLE page IS 'other pages';
ALTER TABLE page ADD COLUMN added text;
UPDATE page SET added = 'x';
SET yesterday.deployment = '';
SELECT outcome, detail FROM yesterday.abandon_deployment(:id) LIMIT 1;

RESET SESSION AUTHORIZATION;
-- an inverse that forgets owners, privileges and comments
CREATE OR REPLACE FUNCTION yesterday._attribute_commands(kind text, identity text, now_def jsonb, goal jsonb,
                                                         now_owner name, goal_owner name, schema_name name)
RETURNS TABLE (owner name, command text) LANGUAGE sql STABLE AS 'SELECT NULL::name, NULL::text WHERE false';
SET SESSION AUTHORIZATION regress_author;
SELECT yesterday.begin_deployment('two', scope => 'open') AS id \gset
SELECT set_config('yesterday.deployment', :'id', false) = :'id' AS joined;
COMMENT ON TABLE page IS 'other pages';
UPDATE page SET at = 'c' WHERE id = 1;
SET yesterday.deployment = '';
SELECT * FROM yesterday.abandon_deployment(:id);
SELECT obj_description('page'::regclass), count(*), min(at) FROM page;
SELECT status, name FROM yesterday.history ORDER BY id;
