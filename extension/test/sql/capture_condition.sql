-- Rows are captured by the condition of our triggers. Whoever writes such a condition himself,
-- directly or hidden in a function, or calls its function, captures nothing by it, and
-- nothing of what our triggers capture is lost or there twice.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE item (id int PRIMARY KEY, v text);
CREATE TABLE pair (id int, v text);
CREATE TABLE business (id int PRIMARY KEY, v text);
INSERT INTO item SELECT i, 'v' || i FROM generate_series(1, 400) i;
INSERT INTO pair SELECT i % 20, 'v' FROM generate_series(1, 100) i;
INSERT INTO business SELECT i, 'v' || i FROM generate_series(1, 10) i;
SELECT yesterday.track('item'), yesterday.track('pair');
\set finish 'SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;'
\set undo 'SELECT subject, outcome, rows FROM rollback_last(); SELECT * FROM oracle.difference(); SELECT yesterday.clear_freeze($$t$$);'
\set writes 'UPDATE item SET v = $$x$$ WHERE id <= 100; UPDATE item SET v = v || $$y$$ WHERE id <= 150; UPDATE item SET id = id + 1000 WHERE id BETWEEN 201 AND 210; DELETE FROM item WHERE id BETWEEN 301 AND 310; INSERT INTO item SELECT i, $$new$$ FROM generate_series(2001, 2010) i; UPDATE pair SET v = $$x$$ WHERE id = 3;'
-- no event is queued for what the condition captures: EXPLAIN would show the triggers' calls
CREATE FUNCTION calls(command text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || command LOOP
        IF line ~ 'yesterday_' THEN RETURN NEXT regexp_replace(line, '^.*(yesterday_\w+).*calls=(\d+).*$', '\1 \2'); END IF;
    END LOOP;
END $$;
BEGIN; SELECT yesterday.begin_deployment('events') > 0 AS begun;
SELECT calls('UPDATE item SET v = $$e$$ WHERE id <= 5');
ROLLBACK;

-- as it is
CALL oracle.remember();
BEGIN; SELECT yesterday.begin_deployment('plain') > 0 AS begun;
:writes
:finish
:undo

-- called by hand: with any place, with the place of a row, by a join
BEGIN; SELECT yesterday.begin_deployment('by hand') > 0 AS begun;
SELECT yesterday._capturing(false, NULL, NULL), yesterday._capturing(false, '(0,1)', '(0,2)');
SELECT count(*) FILTER (WHERE yesterday._capturing(false, ctid, ctid)), count(*) FILTER (WHERE yesterday._capturing(false, NULL, ctid)) FROM item;
SELECT count(*) FROM item i JOIN business b USING (id) WHERE yesterday._capturing(false, i.ctid, b.ctid);
UPDATE business b SET v = b.v || i.v FROM item i WHERE i.id = b.id RETURNING yesterday._capturing(false, b.ctid, i.ctid), b.id = 1;
UPDATE item SET v = 'one' WHERE id = 1;
:finish
UPDATE business SET v = 'v' || id;
:undo

-- a trigger of the owner's with the same condition, and with one that hides it; before the row, too
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE TG_OP WHEN $$DELETE$$ THEN OLD ELSE NEW END; END';
CREATE FUNCTION hidden(o tid, n tid) RETURNS boolean LANGUAGE sql AS 'SELECT yesterday._capturing(false, $1, $2)';
CREATE TRIGGER aaa AFTER UPDATE ON item FOR EACH ROW WHEN (yesterday._capturing(false, old.ctid, new.ctid)) EXECUTE FUNCTION nothing();
CREATE TRIGGER zzz AFTER UPDATE ON item FOR EACH ROW WHEN (hidden(NULL, new.ctid)) EXECUTE FUNCTION nothing();
CREATE TRIGGER first BEFORE UPDATE OR DELETE ON item FOR EACH ROW WHEN (hidden(old.ctid, NULL)) EXECUTE FUNCTION nothing();
CREATE TRIGGER on_business AFTER UPDATE ON business FOR EACH ROW WHEN (yesterday._capturing(false, old.ctid, new.ctid)) EXECUTE FUNCTION nothing();
CALL oracle.remember();
BEGIN; SELECT yesterday.begin_deployment('forged') > 0 AS begun;
SELECT calls('UPDATE item SET v = $$e$$ WHERE id <= 5');
:writes
UPDATE business SET v = v WHERE id = 1;
:finish
:undo
DROP TRIGGER aaa ON item;
DROP TRIGGER zzz ON item;
DROP TRIGGER first ON item;
BEGIN; SELECT yesterday.begin_deployment('events again') > 0 AS begun;
SELECT calls('UPDATE item SET v = $$e$$ WHERE id <= 5');
ROLLBACK;
