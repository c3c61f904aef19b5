-- case: constraints added
-- setup
CREATE TABLE p (id int PRIMARY KEY, code text);
CREATE TABLE t (id int, p int, period int4range, name text);
-- deploy
ALTER TABLE p ADD CONSTRAINT p_code UNIQUE (code);
ALTER TABLE t ADD PRIMARY KEY (id);
ALTER TABLE t ADD CONSTRAINT t_p FOREIGN KEY (p) REFERENCES p ON UPDATE CASCADE NOT VALID;
ALTER TABLE t ADD CHECK (name <> '');
ALTER TABLE t ADD CONSTRAINT t_period EXCLUDE USING gist (period WITH &&) WHERE (id > 0);
-- case: constraints dropped
-- setup
CREATE TABLE p (id int CONSTRAINT p_key PRIMARY KEY, code text);
CREATE TABLE t (id int, p int, period int4range, name text, n int);
ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY (id) INCLUDE (n);
ALTER TABLE t ADD CONSTRAINT t_p FOREIGN KEY (p) REFERENCES p ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE t ADD CONSTRAINT t_chk CHECK (name <> '') NO INHERIT;
ALTER TABLE t ADD CONSTRAINT t_nv CHECK (n > 0) NOT VALID;
ALTER TABLE t ADD CONSTRAINT t_period EXCLUDE USING gist (period WITH &&) DEFERRABLE;
ALTER TABLE t ADD CONSTRAINT t_n UNIQUE NULLS NOT DISTINCT (n) WITH (fillfactor = 80) DEFERRABLE INITIALLY DEFERRED;
COMMENT ON CONSTRAINT t_chk ON t IS 'a check';
COMMENT ON INDEX t_key IS 'the index of the key';
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 1, '[1,3)', 'a', 1);
-- deploy
ALTER TABLE t DROP CONSTRAINT t_key, DROP CONSTRAINT t_p, DROP CONSTRAINT t_chk, DROP CONSTRAINT t_nv, DROP CONSTRAINT t_period, DROP CONSTRAINT t_n;
ALTER TABLE p DROP CONSTRAINT p_key;
-- case: key dropped with the foreign keys on it
-- setup
CREATE TABLE p (id int CONSTRAINT p_key PRIMARY KEY);
CREATE TABLE c (p int CONSTRAINT c_p REFERENCES p);
CREATE VIEW v AS SELECT p.id, count(*) FROM p GROUP BY p.id;
-- deploy
ALTER TABLE p DROP CONSTRAINT p_key CASCADE;
-- case: constraint dropped and made again under its name
-- setup
CREATE TABLE t (id int PRIMARY KEY, n int, CONSTRAINT n_check CHECK (n > 0));
INSERT INTO t VALUES (1, 1);
-- deploy
ALTER TABLE t DROP CONSTRAINT n_check;
ALTER TABLE t ADD CONSTRAINT n_check CHECK (n >= 0);
-- case: constraint renamed, validated, made deferrable
-- setup
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (id int CONSTRAINT old_name PRIMARY KEY, p int CONSTRAINT t_p REFERENCES p, n int);
ALTER TABLE t ADD CONSTRAINT n_check CHECK (n > 0) NOT VALID;
-- deploy
ALTER TABLE t RENAME CONSTRAINT old_name TO new_name;
ALTER TABLE t VALIDATE CONSTRAINT n_check;
ALTER TABLE t ALTER CONSTRAINT t_p DEFERRABLE INITIALLY DEFERRED;
-- case: index adopted as a constraint
-- setup
CREATE TABLE t (id int NOT NULL, n int);
CREATE UNIQUE INDEX t_idx ON t (id);
-- deploy
ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY USING INDEX t_idx;
-- case: check dropped and newer rows break it
-- setup
CREATE TABLE t (id int PRIMARY KEY, n int CONSTRAINT n_check CHECK (n > 0));
INSERT INTO t VALUES (1, 1);
-- deploy
ALTER TABLE t DROP CONSTRAINT n_check;
-- later
INSERT INTO t VALUES (2, -1);
-- residue
n_check
CREATE TABLE
^[-+] *(id|n) integer
^[-+]\);
^[-+]ALTER TABLE public.t$
-- check
SELECT NOT convalidated FROM pg_constraint WHERE conname = 'n_check';
-- case: unique dropped and newer rows break it
-- setup
CREATE TABLE t (id int PRIMARY KEY, n int CONSTRAINT n_key UNIQUE);
INSERT INTO t VALUES (1, 1);
-- deploy
ALTER TABLE t DROP CONSTRAINT n_key;
-- later
INSERT INTO t VALUES (2, 1);
-- residue
n_key
^-ALTER TABLE ONLY public.t$
-- check
SELECT count(*) = 2 FROM t;
-- case: foreign key dropped and newer rows dangle
-- setup
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (p int CONSTRAINT c_p REFERENCES p);
-- deploy
ALTER TABLE c DROP CONSTRAINT c_p;
-- later
INSERT INTO c VALUES (99);
-- residue
c_p
-- check
SELECT NOT convalidated FROM pg_constraint WHERE conname = 'c_p';
-- case: names of not null constraints [18+]
-- setup
CREATE TABLE t (id int CONSTRAINT id_there NOT NULL, a int CONSTRAINT a_there NOT NULL NO INHERIT, b int NOT NULL);
CREATE TABLE pk (id int CONSTRAINT pk_there NOT NULL PRIMARY KEY);
-- deploy
ALTER TABLE t DROP CONSTRAINT id_there;
ALTER TABLE t ALTER COLUMN a DROP NOT NULL;
ALTER TABLE t RENAME CONSTRAINT t_b_not_null TO b_there;
ALTER TABLE t ADD COLUMN c int CONSTRAINT c_there NOT NULL;
-- case: not null not valid, not enforced [18+]
-- setup
CREATE TABLE t (id int, a int, CONSTRAINT a_pos CHECK (a > 0) NOT ENFORCED);
-- deploy
ALTER TABLE t ADD CONSTRAINT id_there NOT NULL id NOT VALID;
ALTER TABLE t DROP CONSTRAINT a_pos;
-- case: expressions over arrays of columns
-- setup
CREATE TABLE t (id int PRIMARY KEY, kind varchar(10), a varchar(10), b varchar(20),
    CONSTRAINT one CHECK (kind = ANY (ARRAY[a, b])),
    CONSTRAINT two CHECK (kind <> '(ARRAY[' AND kind = ANY (ARRAY['x'::varchar, 'y'::varchar])),
    CONSTRAINT three CHECK (kind = ANY (ARRAY[lower(a), 'y'::varchar, b])));
CREATE INDEX i ON t (id) WHERE kind = ANY (ARRAY[a, b, 'it''s'::varchar]);
INSERT INTO t VALUES (1, 'x', 'x', 'y');
-- deploy
ALTER TABLE t DROP CONSTRAINT one, DROP CONSTRAINT two, DROP CONSTRAINT three;
DROP INDEX i;
-- case: views over arrays of columns
-- setup
CREATE TABLE t (id int PRIMARY KEY, kind varchar(10), a varchar(10), b varchar(20), c char(3));
CREATE FUNCTION f(text[]) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT cardinality($1)';
CREATE VIEW v AS SELECT id, kind = ANY (ARRAY[a, b]) AS one, kind <> ALL (ARRAY[b, 'x'::varchar]) AS two, f(ARRAY[a, b]) AS three, c = ANY (ARRAY[a, b]) AS four, ARRAY[a, b]::text[] AS five FROM t;
INSERT INTO t VALUES (1, 'x', 'x', 'y', 'abc');
-- deploy
DROP VIEW v;
ALTER TABLE t DROP COLUMN c;
