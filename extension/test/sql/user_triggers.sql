-- Triggers of the user: what they really wrote is captured, and none of them fires on the way back.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE fired (t text, op text);
CREATE TABLE item (id int PRIMARY KEY, v text, n int DEFAULT 0, changed_at text);
CREATE TABLE total (id int PRIMARY KEY, items int, note text);
INSERT INTO item SELECT i, 'v' || i FROM generate_series(1, 50) i;
INSERT INTO total VALUES (1, 50, 'start');

CREATE FUNCTION before_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RETURN CASE WHEN OLD.id % 10 <> 0 THEN OLD END;     -- some are not deleted after all
    END IF;
    NEW.v := coalesce(NEW.v, '') || ' (before)';
    NEW.changed_at := 'now';
    IF NEW.id = 13 THEN RETURN NULL; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION after_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE total SET items = (SELECT count(*) FROM item), note = TG_OP WHERE id = 1;
    IF TG_OP <> 'DELETE' AND NEW.n < 3 THEN
        UPDATE item SET n = n + 1, v = v || '+' WHERE id = NEW.id;      -- the same row again
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fired VALUES (TG_NAME, TG_OP);
    RETURN NULL;
END $$;
CREATE TRIGGER a_before BEFORE INSERT OR UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION before_row();
CREATE TRIGGER a_after AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION after_row();
CREATE TRIGGER zz_after AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION after_row();
CREATE TRIGGER always_on AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH STATEMENT EXECUTE FUNCTION note();
ALTER TABLE item ENABLE ALWAYS TRIGGER always_on;
CREATE TRIGGER always_row AFTER INSERT OR UPDATE OR DELETE ON total FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE total ENABLE ALWAYS TRIGGER always_row;
CREATE TRIGGER on_replica AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE item ENABLE REPLICA TRIGGER on_replica;
CREATE TRIGGER truncated BEFORE TRUNCATE ON item FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT OR UPDATE ON item DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION after_row();
SELECT yesterday.track('item'), yesterday.track('total');
:begin
UPDATE item SET v = 'x' WHERE id < 20;
DELETE FROM item WHERE id BETWEEN 25 AND 35;
INSERT INTO item VALUES (100, 'new'), (13000, NULL);
UPDATE item SET id = id + 500 WHERE id BETWEEN 40 AND 45;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT oracle.changes() > 0 AS changed;
CREATE TABLE fired_before AS TABLE fired;
SELECT subject, outcome, rows FROM rollback_preview();
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference() WHERE object !~ 'fired';
-- nothing fired
SELECT * FROM (TABLE fired EXCEPT ALL TABLE fired_before) x;
CALL oracle.clear();

-- with session_replication_role = replica only ALWAYS and REPLICA triggers fire: ours is one
RESET SESSION AUTHORIZATION;
:begin
SET LOCAL session_replication_role = replica;
UPDATE item SET v = 'replica' WHERE id < 5;
DELETE FROM item WHERE id = 30;
INSERT INTO item VALUES (200, 'new');
SET LOCAL session_replication_role = origin;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT oracle.changes() > 0 AS changed;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference() WHERE object !~ 'fired';
CALL oracle.clear();
SET SESSION AUTHORIZATION regress_author;

-- a trigger that empties another tracked table, and one that raises half-way
CREATE FUNCTION wild() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        UPDATE total SET note = 'lost';
        RAISE EXCEPTION 'no';
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
    INSERT INTO total VALUES (NEW.id + 1000, 0, 'wild');
    DELETE FROM total WHERE id = 1;
    RETURN NULL;
END $$;
CREATE TRIGGER wild AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION wild();
:begin
INSERT INTO item VALUES (300, 'wild');
SET CONSTRAINTS ALL IMMEDIATE;
TRUNCATE item;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference() WHERE object !~ 'fired';
CALL oracle.clear();

-- through a view, with transition tables, and by a trigger before the row that writes other rows of its table
CREATE TABLE article (id int PRIMARY KEY, v text, n int DEFAULT 0);
CREATE TABLE tally (k text PRIMARY KEY, n bigint);
CREATE TABLE trail (id int, v text, at int GENERATED ALWAYS AS IDENTITY);
INSERT INTO article SELECT i, 'v' || i FROM generate_series(1, 30) i;
INSERT INTO tally VALUES ('all', 30);
CREATE VIEW articles AS SELECT a.id, a.v, t.n AS total FROM article a, tally t WHERE t.k = 'all';
CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO article VALUES (NEW.id, NEW.v) ON CONFLICT (id) DO UPDATE SET v = excluded.v || ' again';
        INSERT INTO fired VALUES ('instead', NEW.v);
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE article SET id = NEW.id, v = NEW.v WHERE id = OLD.id;
        UPDATE tally SET n = NEW.total;
    ELSE
        DELETE FROM article WHERE id = OLD.id;
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER instead INSTEAD OF INSERT OR UPDATE OR DELETE ON articles FOR EACH ROW EXECUTE FUNCTION instead();
CREATE FUNCTION updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trail SELECT id, v FROM old_rows;
    UPDATE tally SET n = (SELECT count(*) FROM article) WHERE k = 'all';
    INSERT INTO tally SELECT v, count(*) FROM new_rows GROUP BY v ON CONFLICT (k) DO UPDATE SET n = tally.n + excluded.n;
    IF pg_trigger_depth() < 3 THEN
        UPDATE article a SET n = a.n + 1 FROM new_rows r WHERE a.id = r.id AND a.n < 2;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER updated AFTER UPDATE ON article REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION updated();
CREATE FUNCTION deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trail SELECT id, v FROM old_rows;
    DELETE FROM trail t USING old_rows o WHERE t.id = o.id AND t.at % 2 = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER deleted AFTER DELETE ON article REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION deleted();
CREATE FUNCTION inserting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM article WHERE id = NEW.id - 1000;
    NEW.v := NEW.v || '.';
    RETURN NEW;
END $$;
CREATE TRIGGER inserting BEFORE INSERT ON article FOR EACH ROW EXECUTE FUNCTION inserting();
SELECT yesterday.track(t) FROM unnest('{article,tally,trail}'::regclass[]) t;
:begin
INSERT INTO articles VALUES (1, 'x'), (1001, 'y'), (1005, 'z');
UPDATE articles SET v = 'upd', total = 7 WHERE id < 10;
UPDATE articles SET id = id + 500 WHERE id BETWEEN 11 AND 13;
DELETE FROM articles WHERE id IN (14, 15, 511);
UPDATE article SET v = 'direct' WHERE id > 25;
TRUNCATE tally;
INSERT INTO tally VALUES ('all', 0);
UPDATE article SET v = v WHERE id = 20;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT oracle.changes() > 0 AS changed;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference() WHERE object !~ 'fired';
