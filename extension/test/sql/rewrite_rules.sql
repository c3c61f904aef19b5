-- Rules: what DO INSTEAD and DO ALSO really wrote is captured, and no rule runs on the way back.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE live (id int PRIMARY KEY, v text, dead boolean DEFAULT false);
CREATE TABLE log (n int GENERATED ALWAYS AS IDENTITY, id int, what text);
INSERT INTO live SELECT i, 'v' || i FROM generate_series(1, 20) i;
CREATE RULE soft_delete AS ON DELETE TO live DO INSTEAD UPDATE live SET dead = true WHERE id = old.id;
CREATE RULE audit AS ON UPDATE TO live DO ALSO INSERT INTO log (id, what) VALUES (new.id, 'update');
CREATE RULE no_negative AS ON INSERT TO live WHERE new.id < 0 DO INSTEAD NOTHING;
CREATE VIEW living AS SELECT id, v FROM live WHERE NOT dead;
CREATE RULE living_insert AS ON INSERT TO living DO INSTEAD INSERT INTO live VALUES (new.id, new.v || ' by view');
SELECT yesterday.track('live'), yesterday.track('log');
:begin
DELETE FROM live WHERE id < 5;
UPDATE live SET v = 'changed' WHERE id BETWEEN 4 AND 8;
INSERT INTO live VALUES (-1, 'nothing'), (100, 'x');
INSERT INTO living VALUES (101, 'y');
UPDATE living SET v = 'through the view' WHERE id = 10;
:finish
:roll_back
