-- What no command leads back does not keep a deployment open for ever: an abandonment undoes all the rest, leaves that object as it is,
-- and names it, in the headline, too. Finishing such a deployment is refused.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE FUNCTION theirs(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE page (id int PRIMARY KEY, v text);
CREATE TABLE gone (id int PRIMARY KEY, m mood);
CREATE TABLE kept (id int PRIMARY KEY, n int DEFAULT theirs(1), extra text, last text);
CREATE VIEW calls AS SELECT theirs(id) AS t FROM page;
CREATE VIEW over_it AS SELECT t FROM calls;
CREATE INDEX page_theirs ON page (theirs(id));
INSERT INTO page VALUES (1, 'a'), (2, 'b');
INSERT INTO gone VALUES (1, 'sad');
INSERT INTO kept VALUES (1, 1, 'x', 'y');
SELECT yesterday.track('page'), yesterday.track('gone'), yesterday.track('kept');

SELECT yesterday.begin_deployment('half', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE page SET v = 'new' WHERE id = 1;
UPDATE kept SET last = 'z';
DROP VIEW calls CASCADE;
DROP INDEX page_theirs;
DROP TABLE gone;
ALTER TABLE kept DROP COLUMN n;
ALTER TABLE page ADD COLUMN added int;
-- what they need is somebody else's, who takes it away meanwhile
\c -
SET SESSION AUTHORIZATION regress_author;
DROP FUNCTION theirs(int);
DROP TYPE mood;
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
SELECT subject, outcome, regexp_replace(detail, ' Command, .*', '') AS detail FROM yesterday.abandon_deployment(:id) WHERE outcome IN ('abandoned', 'held back', 'residue', 'not brought back') ORDER BY outcome, subject COLLATE "C";
SELECT state, open_deployment FROM yesterday.status;
SELECT * FROM page ORDER BY id;
SELECT * FROM kept;
SELECT relname FROM pg_class WHERE relname ~ '^yesterday_aside';

-- a constraint that comes back for new values alone: the rows of the table stand in a column of another one
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE inner_one (a positive);
CREATE TABLE outer_one (i inner_one);
INSERT INTO outer_one VALUES (ROW(1));
SELECT yesterday.begin_deployment('looser', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
ALTER DOMAIN positive DROP CONSTRAINT positive_check;
UPDATE page SET v = 'newer' WHERE id = 1;
RESET yesterday.deployment;
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
SELECT subject, outcome, regexp_replace(detail, ' Command, .*', '') AS detail FROM yesterday.abandon_deployment(:id) WHERE outcome IN ('abandoned', 'held back', 'residue') ORDER BY outcome, subject COLLATE "C";
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'positive_check';
SELECT * FROM page ORDER BY id;
