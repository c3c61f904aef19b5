-- Row security, forced too, hides nothing from capture and rollback.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE rule (id int PRIMARY KEY, tenant text, v text);
INSERT INTO rule SELECT i, 't' || i % 3, 'v' || i FROM generate_series(1, 30) i;
ALTER TABLE rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE rule FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON rule USING (tenant = current_setting('app.tenant', true)) WITH CHECK (tenant = 't1' OR v = 'moved');
CREATE POLICY moved ON rule FOR SELECT USING (v = 'moved');
CREATE TABLE closed (id int PRIMARY KEY, v text);
INSERT INTO closed SELECT i, 'v' || i FROM generate_series(1, 10) i;
ALTER TABLE closed ENABLE ROW LEVEL SECURITY;
ALTER TABLE closed FORCE ROW LEVEL SECURITY;
CREATE POLICY no_delete ON closed AS RESTRICTIVE FOR DELETE USING (false);
CREATE POLICY no_insert ON closed AS RESTRICTIVE FOR INSERT WITH CHECK (false);
CREATE POLICY change ON closed USING (id < 8);
SELECT yesterday.track('rule'), yesterday.track('closed');
SET app.tenant = 't1';
:begin
UPDATE rule SET v = 'changed' WHERE id < 20;
UPDATE rule SET v = 'moved', tenant = 't2' WHERE id = 22;
DELETE FROM rule WHERE id > 25;
INSERT INTO rule VALUES (100, 't1', 'new');
UPDATE closed SET v = 'changed';
:finish
RESET app.tenant;
:roll_back
-- what readers see of prior rows
GRANT SELECT ON rule TO regress_stranger;
SET app.tenant = 't1';
:begin
UPDATE rule SET v = 'changed' WHERE id < 20;
UPDATE closed SET v = 'changed' WHERE id < 5;
:finish
SELECT table_name, count(*) FROM yesterday.diff('2') GROUP BY 1 ORDER BY 1;
RESET SESSION AUTHORIZATION;
GRANT yesterday_viewer TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT count(*) FROM yesterday.diff('2');
SELECT oracle.refusal($$SELECT * FROM yesterday.prior(NULL::public.rule, '2')$$);
SELECT oracle.refusal($$SELECT * FROM yesterday.prior(NULL::public.closed, '2')$$);
RESET SESSION AUTHORIZATION;
REVOKE yesterday_viewer FROM regress_stranger;
SET SESSION AUTHORIZATION regress_author;
:roll_back
