-- Every kind of routine and type.
CREATE SCHEMA elsewhere;
GRANT USAGE, CREATE ON SCHEMA public, elsewhere TO ddl_alice, ddl_bob;
CREATE FUNCTION fun(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a';
CREATE PROCEDURE pro(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := 1; END';
CREATE AGGREGATE agg (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE TYPE enu AS ENUM ('red', 'green');
CREATE TYPE com AS (a int, b text);
CREATE DOMAIN dom AS int DEFAULT 3 CONSTRAINT dom_check CHECK (VALUE > 0);
CREATE TYPE ran AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE TYPE shell;
CREATE TABLE uses (a enu, b com, c dom, d ran, e int DEFAULT fun(1));
INSERT INTO uses VALUES ('red', '(1,x)', 7, '[1,2]', 4);
CREATE VIEW sums AS SELECT agg(e) FROM uses;
