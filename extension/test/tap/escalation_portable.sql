-- What portable digests call that its author wrote: comparisons of an operator class, casts of foreign keys, checks of
-- domains. It runs as the owner of the table that it belongs to, who gains nothing; and values are not shown.
\ir include/cast.sql
\ir include/spy.sql

\c - mallory
CREATE FUNCTION mallory.compare(int, int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.note('opclass');
    RETURN pg_catalog.btint4cmp($1, $2);
END
$$;
CREATE FUNCTION mallory.equal(int, int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.note('operator');
    RETURN pg_catalog.int4eq($1, $2);
END
$$;
CREATE OPERATOR mallory.= (LEFTARG = int, RIGHTARG = int, FUNCTION = mallory.equal, COMMUTATOR = OPERATOR(mallory.=));
CREATE TYPE mallory.code AS ENUM ('1', '2', '3');
CREATE FUNCTION mallory.code_to_int(mallory.code) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.act('cast');
    RETURN $1::text::int;
END
$$;
CREATE CAST (mallory.code AS int) WITH FUNCTION mallory.code_to_int(mallory.code) AS IMPLICIT;
CREATE DOMAIN mallory.checked AS mallory.code CHECK (mallory.spies('domain', VALUE::text));
\c - :owner
GRANT CREATE ON SCHEMA mallory TO CURRENT_USER;
CREATE OPERATOR CLASS mallory.int_ops FOR TYPE int USING btree AS
    OPERATOR 1 pg_catalog.<, OPERATOR 2 pg_catalog.<=, OPERATOR 3 mallory.=, OPERATOR 4 pg_catalog.>=, OPERATOR 5 pg_catalog.>,
    FUNCTION 1 mallory.compare(int, int);
\c - mallory
CREATE TABLE mallory.parent (id int NOT NULL, name text NOT NULL UNIQUE, secret text);
CREATE UNIQUE INDEX parent_key ON mallory.parent (id mallory.int_ops);
INSERT INTO mallory.parent VALUES (1, 'one', 'hush'), (2, 'two', 'hush'), (3, 'three', 'hush');
CREATE TABLE mallory.plain_parent (id int PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO mallory.plain_parent VALUES (1, 'one'), (2, 'two'), (3, 'three');
GRANT REFERENCES ON mallory.parent, mallory.plain_parent TO builder;
\c - :owner
CREATE SCHEMA builder AUTHORIZATION builder;
GRANT USAGE ON SCHEMA builder TO esc_deployer, esc_admin;
\c - builder
-- another owner's table refers to mallory's, by an operator class, by a cast and by a domain
CREATE TABLE builder.child (name text PRIMARY KEY, parent int REFERENCES mallory.parent (id), code mallory.code REFERENCES mallory.plain_parent,
                            checked mallory.checked REFERENCES mallory.plain_parent (id));
INSERT INTO builder.child VALUES ('a', 1, '1', '2'), ('b', 2, '3', NULL), ('c', NULL, NULL, '1');
GRANT ALL ON builder.child TO esc_deployer;
\c - :owner
CALL evidence.collect('fill');
\c - esc_admin
SELECT FROM yesterday.track('builder.child');
SELECT FROM yesterday.track('mallory.parent', natural_key => '{name}', local_columns => '{id}');
SELECT FROM yesterday.track('mallory.plain_parent', natural_key => '{name}');
SELECT FROM yesterday.enroll('11111111-1111-1111-1111-111111111111', 'g', 't');
\c - :owner
CALL evidence.collect('track');
CREATE TABLE public.seen (what text, found text);
GRANT ALL ON public.seen TO PUBLIC;
\c - esc_deployer
INSERT INTO public.seen SELECT 'digests', count(*) FROM yesterday.portable_digest() WHERE digest IS NOT NULL;
INSERT INTO public.seen SELECT 'rows', count(*) FROM yesterday.portable_rows('builder.child');
INSERT INTO public.seen SELECT 'state', length(yesterday.state_digest());
\c - :owner
CALL evidence.collect('portable');
\c - esc_deployer
BEGIN;
SELECT FROM yesterday.begin_deployment('first');
UPDATE builder.child SET parent = 3 WHERE name = 'a';
DELETE FROM builder.child WHERE name = 'b';
SELECT FROM yesterday.finish_deployment();
INSERT INTO public.seen SELECT 'displaced', portable FROM yesterday.displaced_digest();
COMMIT;
\c - :owner
CALL evidence.collect('deploy and finish');
-- who may not read the tables sees no value of them
GRANT yesterday_deployer TO esc_business;
GRANT USAGE ON SCHEMA builder TO esc_business;
\c - esc_business
INSERT INTO public.seen SELECT 'a stranger''s rows', count(*) || ' ' || count(row_key) FROM yesterday.portable_rows('builder.child');
DO $$ BEGIN PERFORM yesterday.inverse_document(1); INSERT INTO public.seen VALUES ('a stranger''s document', 'shown');
EXCEPTION WHEN insufficient_privilege THEN INSERT INTO public.seen VALUES ('a stranger''s document', 'denied'); END $$;
\c - :owner
SELECT no_plan();
SELECT is(string_agg(s.what || ': ' || CASE WHEN s.what = 'displaced' THEN length(s.found)::text ELSE s.found END, ', ' ORDER BY s.what),
          'a stranger''s document: denied, a stranger''s rows: 2 0, digests: 6, displaced: 64, rows: 3, state: 64', 'what was told, and to whom')
FROM public.seen s;
SELECT is(evidence.gained(), '', 'mallory has gained nothing');
SELECT is(evidence.ran_as_others(phase, '{mallory,builder}'), '', phase || ': as nobody but the owners of the tables')
FROM unnest(ARRAY['track', 'portable']) AS phase;
SELECT is(evidence.ran_as_others('deploy and finish', '{mallory,esc_deployer,builder}'), '', 'displaced: as nobody but the owners and who writes');
-- not vacuous: these routes are really gone
SELECT is(evidence.ran('portable', 'mallory'), 'cast, opclass, operator', 'portable: routes that run, as the owner');
SELECT * FROM finish();
\ir include/leave.sql
