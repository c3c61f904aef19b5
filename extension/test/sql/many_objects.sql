-- A deployment's DDL in a database of many tables: schema images are joined with one another as
-- wholes, so that they are read some dozen times, however many objects there are. Look-ups one
-- by one, in an order that the planner chose for small tables, would read them once for each object.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\c - postgres
SET client_min_messages = warning;
CREATE SCHEMA many;
DO $$
BEGIN
    FOR n IN 1..400 LOOP
        EXECUTE format('CREATE TABLE many.t%1$s (id integer PRIMARY KEY, a text DEFAULT %1$L, b integer CHECK (b > %1$s))', n);
        EXECUTE format('CREATE INDEX ON many.t%s (a)', n);
    END LOOP;
END
$$;
CREATE FUNCTION readings(OUT reads numeric, OUT catalogs numeric, OUT objects numeric) LANGUAGE sql AS $function$
    SELECT (SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_all_tables
            WHERE schemaname = 'yesterday' AND relname IN ('schema_object', 'schema_dependency')),
           (SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_all_tables WHERE schemaname = 'pg_catalog'),
           (SELECT count(*) FROM yesterday.schema_object) + (SELECT count(*) FROM yesterday.schema_dependency)
$function$;

CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_deployment('many');
ALTER TABLE many.t1 ADD COLUMN c integer DEFAULT 4;
ALTER TABLE many.t2 RENAME TO renamed;
ALTER INDEX many.t3_a_idx RENAME TO renamed_index;
ALTER TABLE many.t4 RENAME COLUMN a TO renamed;
DROP INDEX many.t5_a_idx;
CREATE INDEX t5_a_idx ON many.t5 (a, b);
DROP TABLE many.t6;
CREATE TABLE many.t6 (other text);
ALTER TABLE many.t7 ALTER COLUMN b TYPE bigint;
CREATE VIEW many.v AS SELECT t1.id, renamed.a FROM many.t1 JOIN many.renamed USING (id);
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
SELECT reads / objects < 120 AS "few readings at finish", catalogs / objects < 300 AS "of the catalogs, too" FROM readings();
COMMIT;
SELECT oracle.changes() > 0 AS changed;
BEGIN;
-- what the session has read before may count still
SELECT reads AS reads_before, catalogs AS catalogs_before FROM readings() \gset
SELECT outcome FROM rollback_last('many', 'test') LIMIT 1;
SELECT (reads - :reads_before) / objects < 50 AS "few readings at rollback", (catalogs - :catalogs_before) / objects < 100 AS "of the catalogs, too" FROM readings();
COMMIT;
SELECT * FROM oracle.difference();
