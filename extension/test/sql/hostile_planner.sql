-- What a session has forbidden the planner, or told it of costs, neither changes what a deployment
-- and its rollback do nor makes them wait for minutes.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
-- what is read through a view must not look so dear that a server compiles its plan, which takes half a second each time
CREATE FUNCTION plan_cost(view regclass) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT * FROM %s', view) INTO plan;
    RETURN plan->0->'Plan'->>'Total Cost';
END
$$;
SELECT c.oid::regclass AS compiled FROM pg_class c
WHERE c.relkind = 'v' AND c.relnamespace = 'yesterday'::regnamespace AND plan_cost(c.oid) > current_setting('jit_above_cost')::numeric;
DROP FUNCTION plan_cost;
DO $$
BEGIN
    FOR i IN 1..100 LOOP
        EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, a text, b text NOT NULL DEFAULT 1, c int CHECK (c > 0), d int REFERENCES t1 (id), e date)', i);
    END LOOP;
    INSERT INTO t1 SELECT i, i, i, 1, NULL, '2001-02-03' FROM generate_series(1, 500) i;
END
$$;
SELECT count(*) FROM (SELECT yesterday.track(('t' || i)::regclass) FROM generate_series(1, 100) i) x;
\set hostile 'SET enable_bitmapscan = off; SET enable_hashagg = off; SET enable_hashjoin = off; SET enable_incremental_sort = off; SET enable_indexonlyscan = off; SET enable_indexscan = off; SET enable_material = off; SET enable_memoize = off; SET enable_mergejoin = off; SET enable_seqscan = off; SET enable_sort = off; SET enable_tidscan = off; SET work_mem = ''64kB''; SET hash_mem_multiplier = 1; SET random_page_cost = 1000000; SET cpu_operator_cost = 1000; SET join_collapse_limit = 1; SET from_collapse_limit = 1; SET geqo_threshold = 2; SET plan_cache_mode = force_custom_plan; SET constraint_exclusion = on; SET plpgsql.extra_errors = ''none''; SET cursor_tuple_fraction = 0;'
-- a deployment, its preview, its rehearsal and its rollback
\set deploy 'BEGIN; SELECT yesterday.begin_deployment($$patch$$) IS NULL AS failed; UPDATE t1 SET a = $$x$$ WHERE id < 250; DELETE FROM t1 WHERE id > 400; ALTER TABLE t2 ADD COLUMN f int DEFAULT 3; ALTER TABLE t3 DROP COLUMN a; CREATE TABLE n1 (id int PRIMARY KEY, x text);'
CALL oracle.remember();
SELECT clock_timestamp() AS began \gset
:deploy
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome, rows FROM rollback_preview();
SELECT count(*) FROM yesterday.drill();
SELECT subject, outcome, rows FROM rollback_last();
SELECT clock_timestamp() - :'began' AS usual \gset
SELECT * FROM oracle.difference();
CALL oracle.clear();
:hostile
SELECT clock_timestamp() AS began \gset
:deploy
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome, rows FROM rollback_preview();
SELECT count(*) FROM yesterday.drill();
SELECT subject, outcome, rows FROM rollback_last();
SELECT clock_timestamp() - :'began' AS hostile \gset
RESET ALL;
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- they took minutes when nothing was pinned
SELECT CASE WHEN :'hostile'::interval < 6 * :'usual'::interval THEN 'about as long' ELSE :'hostile' || ' instead of ' || :'usual' END AS took;
