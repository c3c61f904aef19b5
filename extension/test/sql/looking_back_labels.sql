-- prior(), diff() and restore() after labels were renamed: what was captured under the names of then is the same label.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TYPE stage AS ENUM ('draft', 'live', 'gone');
CREATE DOMAIN staged AS stage CHECK (VALUE <> 'gone');
CREATE TABLE page (id int PRIMARY KEY, at stage, was stage[], d staged);
CREATE TABLE by_stage (at stage PRIMARY KEY, note text);
INSERT INTO page VALUES (1, 'draft', '{draft,live}', 'draft'), (2, 'live', '{{draft,draft},{live,NULL}}', 'live'), (3, 'gone', NULL, NULL);
INSERT INTO by_stage VALUES ('draft', 'a'), ('live', 'b');
SELECT yesterday.track('page'), yesterday.track('by_stage');
BEGIN;
SELECT yesterday.begin_deployment('first') > 0 AS begun;
UPDATE page SET at = 'live', was = '{live}', d = 'live' WHERE id < 3;
UPDATE by_stage SET note = 'A' WHERE at = 'draft';
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('second') > 0 AS begun;
UPDATE by_stage SET note = 'AA' WHERE at = 'draft';
ALTER TYPE stage RENAME VALUE 'draft' TO 'live now';
ALTER TYPE stage RENAME VALUE 'live' TO 'draft';
ALTER TYPE stage RENAME TO phase;
UPDATE by_stage SET note = 'BB' WHERE at = 'draft';
DELETE FROM page WHERE id = 1;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
-- under the names of now: 'draft' is called 'live now', and 'live' is called 'draft'
SELECT * FROM yesterday.prior(NULL::page, 'first') ORDER BY id;
SELECT * FROM yesterday.prior(NULL::page, 'second') ORDER BY id;
SELECT * FROM yesterday.prior(NULL::by_stage, 'first') ORDER BY at;
SELECT * FROM yesterday.diff('first');
SELECT * FROM yesterday.diff('second');
BEGIN;
SELECT yesterday.begin_deployment('third') > 0 AS begun;
SELECT * FROM yesterday.restore('page', '[{"id": 1}, {"id": 2}]', 'first');
SELECT * FROM yesterday.restore('by_stage', '{"at": "live now"}', 'first');
SELECT * FROM page ORDER BY id;
SELECT * FROM by_stage ORDER BY at;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
-- one that is open
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE page SET at = 'draft' WHERE id = 3;
UPDATE by_stage SET note = 'open' WHERE at = 'draft';
ALTER TYPE phase RENAME VALUE 'draft' TO 'public';
UPDATE by_stage SET note = 'still open' WHERE at = 'public';
RESET yesterday.deployment;
SELECT * FROM yesterday.diff(:'id');
SELECT * FROM yesterday.prior(NULL::by_stage, :'id') ORDER BY at;
SELECT * FROM yesterday.prior(NULL::page, 'first') ORDER BY id;
SELECT outcome FROM yesterday.abandon_deployment(:id) LIMIT 1;
SELECT * FROM yesterday.prior(NULL::page, 'first') ORDER BY id;
-- and back; a session keeps plans of functions whose types are made anew by then
SELECT outcome FROM yesterday.rollback_to('first', 'back') LIMIT 1;
\c - regress_author
SELECT * FROM yesterday.prior(NULL::page, 'first') ORDER BY id;
CALL oracle.clear();
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT * FROM page ORDER BY id;
SELECT * FROM by_stage ORDER BY at;

-- labels inside of other values, and attributes of these: what was captured before says something else by now, and is no row of the table
CREATE TYPE mark AS (at stage, by text);
CREATE TABLE marked (id int PRIMARY KEY, m mark);
CREATE TABLE unmarked (id int PRIMARY KEY, m mark);
INSERT INTO marked VALUES (1, '(draft,a)'), (2, NULL);
INSERT INTO unmarked VALUES (1, '(draft,a)');
SELECT yesterday.track('marked'), yesterday.track('unmarked');
CALL oracle.clear();
BEGIN;
SELECT yesterday.begin_deployment('marks') > 0 AS begun;
UPDATE marked SET m.by = 'b' WHERE id = 1;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT * FROM yesterday.prior(NULL::marked, 'marks') ORDER BY id;
BEGIN;
SELECT yesterday.begin_deployment('names') > 0 AS begun;
ALTER TYPE stage RENAME VALUE 'draft' TO 'sketch';
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT * FROM oracle.refusal($$SELECT * FROM yesterday.prior(NULL::marked, 'marks')$$);
SELECT * FROM oracle.refusal($$SELECT * FROM yesterday.prior(NULL::unmarked, 'marks')$$);
SELECT * FROM yesterday.diff('marks');
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
SELECT * FROM oracle.refusal($$SELECT yesterday.restore('marked', '{"id": 1}', 'marks')$$);
ALTER TYPE mark ADD ATTRIBUTE rank int;
SELECT * FROM oracle.refusal($$SELECT * FROM yesterday.prior(NULL::marked, 'marks')$$);
RESET yesterday.deployment;
SELECT outcome FROM yesterday.abandon_deployment(:id) LIMIT 1;
SELECT outcome FROM rollback_last() LIMIT 1;
\c - regress_author
SELECT * FROM yesterday.prior(NULL::marked, 'marks') ORDER BY id;
