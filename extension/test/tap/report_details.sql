-- Which rows a report names: for who may read all rows of their table, and for yesterday_admin;
-- counts are for everybody. The keys below are 4711 and up, so that they can be looked for.
\ir include/cast.sql

CREATE SCHEMA app AUTHORIZATION builder;
GRANT USAGE, CREATE ON SCHEMA app TO esc_business;
GRANT USAGE ON SCHEMA app TO esc_viewer, esc_operator, esc_deployer;
\c - builder
CREATE TABLE app.open (id int PRIMARY KEY, title text);
CREATE TABLE app.secret (id int PRIMARY KEY, title text);
CREATE TABLE app.own_rows (id int PRIMARY KEY, title text);
ALTER TABLE app.own_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON app.own_rows USING (false);
CREATE TABLE app.parted (id int PRIMARY KEY, title text) PARTITION BY RANGE (id);
CREATE TABLE app.part PARTITION OF app.parted DEFAULT;
GRANT SELECT ON app.open, app.own_rows, app.parted TO esc_viewer;
CREATE TABLE app.business (open int REFERENCES app.open, secret int REFERENCES app.secret,
                           own_rows int REFERENCES app.own_rows, parted int REFERENCES app.parted);
INSERT INTO app.open VALUES (4711, 'old');
INSERT INTO app.secret VALUES (4711, 'old');
INSERT INTO app.own_rows VALUES (4711, 'old');
INSERT INTO app.parted VALUES (4711, 'old');
\c - :owner
SELECT FROM (SELECT yesterday.track(('app.' || t)::regclass) FROM unnest(ARRAY['open', 'secret', 'own_rows', 'parted']) t) x;
CREATE TABLE public.seen (who text, what text, subject text, outcome text, rows bigint, detail text);
GRANT ALL ON public.seen TO PUBLIC;
GRANT builder TO esc_deployer;

-- the deployment itself has business rows refer to its new rows: finish names them
\c - esc_deployer
SET ROLE esc_deployer;
BEGIN;
SELECT FROM yesterday.begin_deployment('one');
SET LOCAL ROLE builder;
UPDATE app.open SET title = 'new';
UPDATE app.secret SET title = 'new';
UPDATE app.own_rows SET title = 'new';
UPDATE app.parted SET title = 'new';
INSERT INTO app.open VALUES (4712, 'new');
INSERT INTO app.secret VALUES (4712, 'new');
INSERT INTO app.own_rows VALUES (4712, 'new');
INSERT INTO app.parted VALUES (4712, 'new');
INSERT INTO app.business VALUES (4712, 4712, 4712, 4712);
RESET ROLE;
INSERT INTO public.seen SELECT 'deployer', 'finish', subject, outcome, rows, detail FROM yesterday.finish_deployment();
COMMIT;
\c - :owner
REVOKE builder FROM esc_deployer;

-- and somebody changes rows since
\c - builder
UPDATE app.open SET title = 'later' WHERE id = 4711;
UPDATE app.secret SET title = 'later' WHERE id = 4711;
UPDATE app.own_rows SET title = 'later' WHERE id = 4711;
UPDATE app.parted SET title = 'later' WHERE id = 4711;

\c - esc_viewer
INSERT INTO public.seen SELECT 'viewer', 'preview', p.* FROM rollback_preview() p;
INSERT INTO public.seen SELECT 'viewer', 'record', r.* FROM yesterday.deployment_record d,
    jsonb_to_recordset(d.report) AS r(subject text, outcome text, rows bigint, detail text);
\c - esc_admin
INSERT INTO public.seen SELECT 'admin', 'preview', p.* FROM rollback_preview() p;
INSERT INTO public.seen SELECT 'admin', 'record', r.* FROM yesterday.deployment_record d,
    jsonb_to_recordset(d.report) AS r(subject text, outcome text, rows bigint, detail text);
\c - esc_operator
INSERT INTO public.seen SELECT 'operator', 'drill', p.* FROM yesterday.drill() p;
-- a role that the session takes on counts
\c - :owner
GRANT esc_viewer TO esc_operator;
\c - esc_operator
SET ROLE esc_viewer;
INSERT INTO public.seen SELECT 'operator as viewer', 'preview', p.* FROM rollback_preview() p;
\c - :owner
REVOKE esc_viewer FROM esc_operator;

-- another table under the name of the old one does not open its report
\c - builder
ALTER TABLE app.secret RENAME TO secret_of_before;
\c - esc_business
CREATE TABLE app.secret (id int PRIMARY KEY, title text);
\c - :owner
GRANT yesterday_viewer TO esc_business;
\c - esc_business
INSERT INTO public.seen SELECT 'impostor', 'record', r.* FROM yesterday.deployment_record d,
    jsonb_to_recordset(d.report) AS r(subject text, outcome text, rows bigint, detail text);
DROP TABLE app.secret;
\c - builder
ALTER TABLE app.secret_of_before RENAME TO secret;

-- values of rows do not come along with the reason why DDL is held back
\c - :owner
BEGIN;
SELECT FROM yesterday.begin_deployment('two');
SET LOCAL ROLE builder;
CREATE TABLE app.typed (a int);
RESET ROLE;
SELECT FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
SELECT FROM yesterday.begin_deployment('three');
SET LOCAL ROLE builder;
ALTER TABLE app.typed ALTER a TYPE text;
RESET ROLE;
SELECT FROM yesterday.finish_deployment();
COMMIT;
\c - builder
INSERT INTO app.typed VALUES ('confidential');
\c - esc_operator
INSERT INTO public.seen SELECT 'operator', 'rollback of DDL', p.* FROM rollback_last() p;
INSERT INTO public.seen SELECT 'operator', 'rollback', p.* FROM yesterday.rollback_to('one', 'test') p;
INSERT INTO public.seen SELECT 'operator', 'rollback', p.* FROM rollback_last('one') p;

\c - :owner
SELECT no_plan();
CREATE FUNCTION public.named(who text, what text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(DISTINCT s.subject || ' ' || s.outcome, ', ' ORDER BY s.subject || ' ' || s.outcome), 'none')
    FROM public.seen s WHERE s.who = $1 AND s.what = $2 AND s.detail ~ '471[12]'
$$;
CREATE FUNCTION public.counted(who text, what text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM public.seen s WHERE s.who = $1 AND s.what = $2 AND s.rows > 0
      AND s.outcome IN ('held back', 'changed since')
$$;
SELECT is(named(who, what), wanted, format('%s: %s', who, what)) FROM (VALUES
    -- as a member of the tables' owner
    ('deployer', 'finish', 'app.open held back, app.own_rows held back, app.part held back, app.secret held back'),
    ('viewer', 'preview', 'app.open changed since, app.open held back, app.part changed since, app.part held back'),
    ('viewer', 'record', 'app.open held back, app.part held back'),
    ('operator as viewer', 'preview', 'app.open changed since, app.open held back, app.part changed since, app.part held back'),
    ('admin', 'preview', 'app.open changed since, app.open held back, app.own_rows changed since, app.own_rows held back, app.part changed since, app.part held back, app.secret changed since, app.secret held back'),
    ('admin', 'record', 'app.open held back, app.own_rows held back, app.part held back, app.secret held back'),
    ('operator', 'drill', 'none'), ('operator', 'rollback', 'none'), ('impostor', 'record', 'none')) AS w(who, what, wanted);
SELECT is(counted(who, what), wanted::bigint, format('%s: %s, counts', who, what)) FROM (VALUES
    ('viewer', 'preview', 8), ('viewer', 'record', 4), ('deployer', 'finish', 4), ('operator', 'drill', 8),
    ('operator', 'rollback', 8), ('impostor', 'record', 4)) AS w(who, what, wanted);
SELECT is(count(*), 1::bigint, 'a type that values written since do not fit is held back')
FROM public.seen WHERE what = 'rollback of DDL' AND outcome = 'held back';
SELECT is(string_agg(detail, '; '), NULL, 'and its reason does not quote them')
FROM public.seen WHERE detail ~ 'confidential';
SELECT * FROM finish();
\ir include/leave.sql
