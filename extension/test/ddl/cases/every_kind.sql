-- case: every kind of relation created
-- covers created: schema, sequence, table, column, primary key, foreign key, unique constraint, check constraint, exclusion constraint, index, trigger, rule, policy, statistics, view, materialized view, partitioned table, partition
-- deploy
-- given relations
-- case: every kind of routine and type created
-- covers created: function, procedure, aggregate, enum, composite type, domain, range, shell type
-- deploy
-- given code
-- case: every rarer kind created
-- covers created: operator, operator class, operator family, cast, transform, language, access method, collation, conversion, text search parser, text search template, text search dictionary, text search configuration, publication, foreign-data wrapper, server, user mapping, foreign table, event trigger
-- deploy
-- given rare
-- case: every kind of relation renamed
-- covers renamed: schema, sequence, table, column, primary key, foreign key, unique constraint, check constraint, exclusion constraint, index, trigger, rule, policy, statistics, view, materialized view, partitioned table, partition
-- setup
-- given relations
-- deploy
ALTER SCHEMA sch RENAME TO sch2;
ALTER SEQUENCE seq RENAME TO seq2;
ALTER TABLE tab RENAME TO tab2;
ALTER TABLE tab2 RENAME COLUMN number TO number2;
ALTER TABLE tab2 RENAME CONSTRAINT tab_key TO tab_key2;
ALTER TABLE tab2 RENAME CONSTRAINT tab_ref TO tab_ref2;
ALTER TABLE tab2 RENAME CONSTRAINT tab_unique TO tab_unique2;
ALTER TABLE tab2 RENAME CONSTRAINT tab_check TO tab_check2;
ALTER TABLE tab2 RENAME CONSTRAINT tab_exclude TO tab_exclude2;
ALTER INDEX ind RENAME TO ind2;
ALTER TRIGGER trg ON tab2 RENAME TO trg2;
ALTER RULE rul ON other RENAME TO rul2;
ALTER POLICY pol ON tab2 RENAME TO pol2;
ALTER STATISTICS stat RENAME TO stat2;
ALTER VIEW view RENAME TO view2;
ALTER MATERIALIZED VIEW matview RENAME TO matview2;
ALTER TABLE parted RENAME TO parted2;
ALTER TABLE part RENAME TO part2;
-- case: every kind of routine and type renamed
-- covers renamed: function, procedure, aggregate, enum, composite type, domain, range
-- setup
-- given code
-- deploy
ALTER FUNCTION fun(int, text) RENAME TO fun2;
ALTER PROCEDURE pro(int) RENAME TO pro2;
ALTER AGGREGATE agg(int) RENAME TO agg2;
ALTER TYPE enu RENAME TO enu2;
ALTER TYPE com RENAME TO com2;
ALTER DOMAIN dom RENAME TO dom2;
ALTER DOMAIN dom2 RENAME CONSTRAINT dom_check TO dom_check2;
ALTER TYPE ran RENAME TO ran2;
-- case: every rarer kind renamed
-- covers renamed: operator class, operator family, language, collation, conversion, text search parser, text search template, text search dictionary, text search configuration, publication, foreign-data wrapper, server, foreign table, event trigger
-- setup
-- given rare
-- deploy
ALTER OPERATOR FAMILY fam USING btree RENAME TO fam2;
ALTER OPERATOR CLASS cla USING btree RENAME TO cla2;
ALTER LANGUAGE lang RENAME TO lang2;
ALTER COLLATION coll RENAME TO coll2;
ALTER CONVERSION conv RENAME TO conv2;
ALTER TEXT SEARCH PARSER parser RENAME TO parser2;
ALTER TEXT SEARCH TEMPLATE template RENAME TO template2;
ALTER TEXT SEARCH DICTIONARY dict RENAME TO dict2;
ALTER TEXT SEARCH CONFIGURATION conf RENAME TO conf2;
ALTER PUBLICATION pub RENAME TO pub2;
ALTER FOREIGN DATA WRAPPER wrap RENAME TO wrap2;
ALTER SERVER srv RENAME TO srv2;
ALTER FOREIGN TABLE ftab RENAME TO ftab2;
ALTER FOREIGN TABLE ftab2 RENAME COLUMN name TO name2;
ALTER EVENT TRIGGER etr RENAME TO etr2;
-- case: every kind of relation moved
-- covers moved: sequence, table, statistics, view, materialized view, partitioned table, partition
-- setup
-- given relations
-- deploy
ALTER SEQUENCE seq SET SCHEMA elsewhere;
ALTER TABLE tab SET SCHEMA elsewhere;
ALTER TABLE other SET SCHEMA elsewhere;
ALTER STATISTICS stat SET SCHEMA elsewhere;
ALTER VIEW view SET SCHEMA elsewhere;
ALTER MATERIALIZED VIEW matview SET SCHEMA elsewhere;
ALTER TABLE parted SET SCHEMA elsewhere;
ALTER TABLE rest SET SCHEMA sch;
ALTER TABLE part SET SCHEMA sch;
-- case: every kind of routine and type moved
-- covers moved: function, procedure, aggregate, enum, composite type, domain, range
-- setup
-- given code
-- deploy
ALTER FUNCTION fun(int, text) SET SCHEMA elsewhere;
ALTER PROCEDURE pro(int) SET SCHEMA elsewhere;
ALTER AGGREGATE agg(int) SET SCHEMA elsewhere;
ALTER TYPE enu SET SCHEMA elsewhere;
ALTER TYPE com SET SCHEMA elsewhere;
ALTER DOMAIN dom SET SCHEMA elsewhere;
ALTER TYPE ran SET SCHEMA elsewhere;
-- case: every rarer kind moved
-- covers moved: operator, operator class, operator family, collation, conversion, text search parser, text search template, text search dictionary, text search configuration, foreign table
-- setup
-- given rare
-- deploy
ALTER OPERATOR === (int, text) SET SCHEMA elsewhere;
ALTER OPERATOR FAMILY fam USING btree SET SCHEMA elsewhere;
ALTER OPERATOR CLASS cla USING btree SET SCHEMA elsewhere;
ALTER COLLATION coll SET SCHEMA elsewhere;
ALTER CONVERSION conv SET SCHEMA elsewhere;
ALTER TEXT SEARCH PARSER parser SET SCHEMA elsewhere;
ALTER TEXT SEARCH TEMPLATE template SET SCHEMA elsewhere;
ALTER TEXT SEARCH DICTIONARY dict SET SCHEMA elsewhere;
ALTER TEXT SEARCH CONFIGURATION conf SET SCHEMA elsewhere;
ALTER FOREIGN TABLE ftab SET SCHEMA elsewhere;
-- case: every kind of relation under another owner
-- covers owner: schema, sequence, table, statistics, view, materialized view, partitioned table, partition
-- setup
-- given relations
-- deploy
ALTER SCHEMA sch OWNER TO ddl_alice;
ALTER SEQUENCE seq OWNER TO ddl_alice;
ALTER TABLE tab OWNER TO ddl_alice;
ALTER STATISTICS stat OWNER TO ddl_alice;
ALTER VIEW view OWNER TO ddl_alice;
ALTER MATERIALIZED VIEW matview OWNER TO ddl_alice;
ALTER TABLE parted OWNER TO ddl_alice;
ALTER TABLE part OWNER TO ddl_bob;
-- case: every kind of routine and type under another owner
-- covers owner: function, procedure, aggregate, enum, composite type, domain, range
-- setup
-- given code
-- deploy
ALTER FUNCTION fun(int, text) OWNER TO ddl_alice;
ALTER PROCEDURE pro(int) OWNER TO ddl_alice;
ALTER AGGREGATE agg(int) OWNER TO ddl_alice;
ALTER TYPE enu OWNER TO ddl_alice;
ALTER TYPE com OWNER TO ddl_alice;
ALTER DOMAIN dom OWNER TO ddl_alice;
ALTER TYPE ran OWNER TO ddl_alice;
-- case: every rarer kind under another owner
-- covers owner: operator, operator class, operator family, language, collation, conversion, text search dictionary, text search configuration, publication, foreign-data wrapper, server, foreign table, event trigger
-- setup
-- given rare
-- deploy
ALTER OPERATOR === (int, text) OWNER TO ddl_alice;
ALTER OPERATOR FAMILY fam USING btree OWNER TO ddl_alice;
ALTER OPERATOR CLASS cla USING btree OWNER TO ddl_alice;
ALTER LANGUAGE lang OWNER TO ddl_alice;
ALTER COLLATION coll OWNER TO ddl_alice;
ALTER CONVERSION conv OWNER TO ddl_alice;
ALTER TEXT SEARCH DICTIONARY dict OWNER TO ddl_alice;
ALTER TEXT SEARCH CONFIGURATION conf OWNER TO ddl_alice;
ALTER PUBLICATION pub OWNER TO ddl_alice;
ALTER FOREIGN DATA WRAPPER wrap OWNER TO ddl_super;
ALTER SERVER srv OWNER TO ddl_super;
ALTER FOREIGN TABLE ftab OWNER TO ddl_alice;
ALTER EVENT TRIGGER etr OWNER TO ddl_super;
-- case: grants on every kind of relation
-- covers grants: schema, sequence, table, column, view, materialized view, partitioned table, partition
-- setup
-- given relations
GRANT SELECT ON tab TO ddl_carol;
-- deploy
GRANT ALL ON SCHEMA sch TO ddl_bob;
GRANT USAGE ON SEQUENCE seq TO ddl_bob;
GRANT SELECT, INSERT ON tab TO ddl_bob WITH GRANT OPTION;
REVOKE SELECT ON tab FROM ddl_carol;
GRANT UPDATE (name) ON tab TO ddl_bob;
GRANT SELECT ON view TO PUBLIC;
GRANT SELECT ON matview TO PUBLIC;
GRANT SELECT ON parted, part TO ddl_bob;
-- case: grants on every kind of routine and type
-- covers grants: function, procedure, aggregate, enum, composite type, domain, range
-- setup
-- given code
-- deploy
REVOKE ALL ON FUNCTION fun(int, text) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE pro(int) TO ddl_bob;
GRANT EXECUTE ON FUNCTION agg(int) TO ddl_bob;
REVOKE ALL ON TYPE enu FROM PUBLIC;
GRANT USAGE ON TYPE com TO ddl_bob;
GRANT USAGE ON DOMAIN dom TO ddl_bob;
GRANT USAGE ON TYPE ran TO ddl_bob;
-- case: grants on every rarer kind
-- covers grants: language, foreign-data wrapper, server, foreign table
-- setup
-- given rare
-- deploy
GRANT USAGE ON LANGUAGE lang TO ddl_bob;
GRANT USAGE ON FOREIGN DATA WRAPPER wrap TO ddl_bob;
GRANT USAGE ON FOREIGN SERVER srv TO ddl_bob;
GRANT SELECT ON ftab TO ddl_bob;
GRANT UPDATE (name) ON ftab TO ddl_bob;
-- case: comments on every kind of relation
-- covers comment: schema, sequence, table, column, primary key, foreign key, unique constraint, check constraint, exclusion constraint, index, trigger, rule, policy, statistics, view, materialized view, partitioned table, partition
-- setup
-- given relations
COMMENT ON TABLE tab IS 'was there';
-- deploy
COMMENT ON SCHEMA sch IS 'new';
COMMENT ON SEQUENCE seq IS 'new';
COMMENT ON TABLE tab IS 'it''s new';
COMMENT ON COLUMN tab.name IS 'new';
COMMENT ON CONSTRAINT tab_key ON tab IS 'new';
COMMENT ON CONSTRAINT tab_ref ON tab IS 'new';
COMMENT ON CONSTRAINT tab_unique ON tab IS 'new';
COMMENT ON CONSTRAINT tab_check ON tab IS 'new';
COMMENT ON CONSTRAINT tab_exclude ON tab IS 'new';
COMMENT ON INDEX tab_key IS 'new';
COMMENT ON INDEX ind IS 'new';
COMMENT ON TRIGGER trg ON tab IS 'new';
COMMENT ON RULE rul ON other IS 'new';
COMMENT ON POLICY pol ON tab IS 'new';
COMMENT ON STATISTICS stat IS 'new';
COMMENT ON VIEW view IS 'new';
COMMENT ON COLUMN view.id IS 'new';
COMMENT ON MATERIALIZED VIEW matview IS 'new';
COMMENT ON TABLE parted IS 'new';
COMMENT ON TABLE part IS 'new';
-- case: comments on every kind of routine and type
-- covers comment: function, procedure, aggregate, enum, composite type, domain, range
-- setup
-- given code
-- deploy
COMMENT ON FUNCTION fun(int, text) IS 'new';
COMMENT ON PROCEDURE pro(int) IS 'new';
COMMENT ON AGGREGATE agg(int) IS 'new';
COMMENT ON TYPE enu IS 'new';
COMMENT ON TYPE com IS 'new';
COMMENT ON COLUMN com.a IS 'new';
COMMENT ON DOMAIN dom IS 'new';
COMMENT ON CONSTRAINT dom_check ON DOMAIN dom IS 'new';
COMMENT ON TYPE ran IS 'new';
-- case: comments on every rarer kind
-- covers comment: operator, operator class, operator family, cast, transform, language, access method, collation, conversion, text search parser, text search template, text search dictionary, text search configuration, publication, foreign-data wrapper, server, foreign table, event trigger
-- setup
-- given rare
-- deploy
COMMENT ON OPERATOR === (int, text) IS 'new';
COMMENT ON OPERATOR FAMILY fam USING btree IS 'new';
COMMENT ON OPERATOR CLASS cla USING btree IS 'new';
COMMENT ON CAST (int AS pair) IS 'new';
COMMENT ON LANGUAGE lang IS 'new';
COMMENT ON TRANSFORM FOR int LANGUAGE lang IS 'new';
COMMENT ON COLLATION coll IS 'new';
COMMENT ON CONVERSION conv IS 'new';
COMMENT ON TEXT SEARCH PARSER parser IS 'new';
COMMENT ON TEXT SEARCH TEMPLATE template IS 'new';
COMMENT ON TEXT SEARCH DICTIONARY dict IS 'new';
COMMENT ON TEXT SEARCH CONFIGURATION conf IS 'new';
COMMENT ON PUBLICATION pub IS 'new';
COMMENT ON FOREIGN DATA WRAPPER wrap IS 'new';
COMMENT ON SERVER srv IS 'new';
COMMENT ON FOREIGN TABLE ftab IS 'new';
COMMENT ON COLUMN ftab.name IS 'new';
COMMENT ON ACCESS METHOD meth IS 'new';
COMMENT ON EVENT TRIGGER etr IS 'new';
-- case: every kind of relation dropped
-- covers dropped: schema, sequence, table, column, primary key, foreign key, unique constraint, check constraint, exclusion constraint, index, trigger, rule, policy, statistics, view, materialized view, partitioned table, partition
-- setup
-- given relations
-- deploy
DROP RULE rul ON other;
DROP POLICY pol ON tab;
DROP STATISTICS stat;
DROP VIEW view;
DROP MATERIALIZED VIEW matview;
DROP TRIGGER trg ON tab;
DROP INDEX ind;
ALTER TABLE tab DROP CONSTRAINT tab_exclude;
ALTER TABLE tab DROP CONSTRAINT tab_check;
ALTER TABLE tab DROP CONSTRAINT tab_unique;
ALTER TABLE tab DROP CONSTRAINT tab_ref;
ALTER TABLE other DROP CONSTRAINT other_key;
ALTER TABLE tab DROP COLUMN name;
DROP TABLE tab;
DROP SEQUENCE seq;
DROP TABLE part;
DROP TABLE parted;
DROP SCHEMA sch;
-- case: every kind of routine and type dropped
-- covers dropped: function, procedure, aggregate, enum, composite type, domain, range, shell type
-- setup
-- given code
-- deploy
DROP VIEW sums;
DROP TABLE uses;
DROP FUNCTION fun;
DROP PROCEDURE pro;
DROP AGGREGATE agg(int);
DROP TYPE enu, com, ran, shell;
DROP DOMAIN dom;
-- case: every rarer kind dropped
-- covers dropped: operator, operator class, operator family, cast, transform, language, access method, collation, conversion, text search parser, text search template, text search dictionary, text search configuration, publication, foreign-data wrapper, server, user mapping, foreign table, event trigger
-- setup
-- given rare
-- deploy
DROP EVENT TRIGGER etr;
DROP ACCESS METHOD meth;
DROP FOREIGN TABLE ftab;
DROP USER MAPPING FOR ddl_alice SERVER srv;
DROP SERVER srv;
DROP FOREIGN DATA WRAPPER wrap;
DROP PUBLICATION pub;
DROP INDEX ind;
DROP TEXT SEARCH CONFIGURATION conf;
DROP TEXT SEARCH DICTIONARY dict;
DROP TEXT SEARCH TEMPLATE template;
DROP TEXT SEARCH PARSER parser;
DROP CONVERSION conv;
DROP COLLATION coll;
DROP TRANSFORM FOR int LANGUAGE lang;
DROP LANGUAGE lang;
DROP CAST (int AS pair);
DROP OPERATOR CLASS cla USING btree;
DROP OPERATOR FAMILY fam USING btree;
DROP OPERATOR === (int, text);
-- case: every kind of relation dropped with what needs it
-- covers dropped with what needs it: schema, sequence, table, column, primary key, view, materialized view, partitioned table, partition
-- setup
-- given relations
CREATE TABLE sch.child (n int) INHERITS (other);
CREATE VIEW on_seq AS SELECT last_value FROM seq;
CREATE VIEW on_view AS SELECT * FROM view;
CREATE VIEW on_matview AS SELECT * FROM matview;
CREATE VIEW on_parted AS SELECT * FROM parted;
-- deploy
DROP SCHEMA sch CASCADE;
DROP SEQUENCE seq CASCADE;
DROP VIEW view CASCADE;
DROP MATERIALIZED VIEW matview CASCADE;
ALTER TABLE tab DROP COLUMN number CASCADE;
ALTER TABLE other DROP CONSTRAINT other_key CASCADE;
DROP TABLE tab CASCADE;
DROP TABLE rest CASCADE;
DROP TABLE parted CASCADE;
-- case: every kind of routine and type dropped with what needs it
-- covers dropped with what needs it: function, aggregate, enum, composite type, domain, range, shell type
-- setup
-- given code
CREATE VIEW on_fun AS SELECT fun(1);
CREATE FUNCTION takes(shell) RETURNS int LANGUAGE internal AS 'int4abs';
-- deploy
DROP FUNCTION fun CASCADE;
DROP AGGREGATE agg(int) CASCADE;
DROP TYPE enu CASCADE;
DROP TYPE com CASCADE;
DROP DOMAIN dom CASCADE;
DROP TYPE ran CASCADE;
DROP TYPE shell CASCADE;
-- case: every rarer kind dropped with what needs it
-- covers dropped with what needs it: operator, operator family, language, collation, text search parser, text search template, text search dictionary, text search configuration, foreign-data wrapper, server, foreign table
-- setup
-- given rare
CREATE VIEW on_ftab AS SELECT * FROM ftab;
CREATE VIEW on_operator AS SELECT 1 OPERATOR(public.===) 'a';
CREATE TABLE collated (a text COLLATE coll);
CREATE FUNCTION spoken() RETURNS int LANGUAGE lang AS 'BEGIN RETURN 1; END';
CREATE INDEX indexed ON tab USING gin (to_tsvector('conf', name));
-- deploy
DROP OPERATOR FAMILY fam USING btree CASCADE;
DROP OPERATOR === (int, text) CASCADE;
DROP COLLATION coll CASCADE;
DROP LANGUAGE lang CASCADE;
DROP TEXT SEARCH TEMPLATE template CASCADE;
DROP TEXT SEARCH PARSER parser CASCADE;
DROP FOREIGN TABLE ftab CASCADE;
DROP FOREIGN DATA WRAPPER wrap CASCADE;
DROP FUNCTION to_pair CASCADE;
DROP FUNCTION et CASCADE;
-- case: every kind of relation made and dropped within
-- covers made and dropped: schema, sequence, table, column, primary key, foreign key, unique constraint, check constraint, exclusion constraint, index, trigger, rule, policy, statistics, view, materialized view, partitioned table, partition
-- deploy
-- given relations
DROP SCHEMA sch;
DROP MATERIALIZED VIEW matview;
DROP TABLE tab CASCADE;
DROP TABLE other CASCADE;
DROP SEQUENCE seq;
DROP TABLE parted;
DROP FUNCTION trf;
-- case: every kind of routine and type made and dropped within
-- covers made and dropped: function, procedure, aggregate, enum, composite type, domain, range, shell type
-- deploy
-- given code
DROP TABLE uses CASCADE;
DROP FUNCTION fun;
DROP PROCEDURE pro;
DROP AGGREGATE agg(int);
DROP TYPE enu, com, ran, shell;
DROP DOMAIN dom;
-- case: every rarer kind made and dropped within
-- covers made and dropped: operator, operator class, operator family, cast, transform, language, access method, collation, conversion, text search parser, text search template, text search dictionary, text search configuration, publication, foreign-data wrapper, server, user mapping, foreign table, event trigger
-- deploy
-- given rare
DROP EVENT TRIGGER etr;
DROP ACCESS METHOD meth;
DROP FOREIGN DATA WRAPPER wrap CASCADE;
DROP PUBLICATION pub;
DROP TABLE tab CASCADE;
DROP TEXT SEARCH PARSER parser CASCADE;
DROP TEXT SEARCH TEMPLATE template CASCADE;
DROP CONVERSION conv;
DROP COLLATION coll;
DROP LANGUAGE lang CASCADE;
DROP CAST (int AS pair);
DROP OPERATOR FAMILY fam USING btree CASCADE;
DROP OPERATOR === (int, text);
