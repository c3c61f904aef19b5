-- Whatever a session has told the planner, our functions get the plans that they were written
-- for: with hash joins and sorts switched off, the comparison of two schema images would take
-- minutes. Every function that people or event triggers call carries the settings, and what it
-- calls runs under them; a function that knows better keeps its own. (C: execute_as.c.)
-- Plans are made once a session: what our functions pass to their queries are numbers of
-- deployments and names of phases, of which one plans like another, and making the plans takes
-- longer than running them.
DO $planner$
DECLARE
    setting text;
    pinned text[] := ARRAY[
        'enable_bitmapscan=on', 'enable_hashagg=on', 'enable_hashjoin=on', 'enable_incremental_sort=on',
        'enable_indexonlyscan=on', 'enable_indexscan=on', 'enable_material=on', 'enable_memoize=on',
        'enable_mergejoin=on', 'enable_nestloop=on', 'enable_seqscan=on', 'enable_sort=on', 'enable_tidscan=on',
        'seq_page_cost=1', 'random_page_cost=4', 'cpu_tuple_cost=0.01', 'cpu_index_tuple_cost=0.005',
        'cpu_operator_cost=0.0025', 'from_collapse_limit=8', 'join_collapse_limit=8', 'geqo=on',
        'geqo_threshold=12', 'plan_cache_mode=force_generic_plan', 'jit=off'];
    ours record;
BEGIN
    FOR ours IN
        SELECT p.oid::regprocedure::text AS name, coalesce(p.proconfig, '{}') AS own
        FROM pg_proc p
        JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
        JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'yesterday'
        JOIN pg_language l ON l.oid = p.prolang
        WHERE l.lanname = 'plpgsql'
          AND (p.prosecdef OR p.proname !~ '^_')
    LOOP
        FOREACH setting IN ARRAY pinned
        LOOP
            CONTINUE WHEN EXISTS (SELECT FROM unnest(ours.own) o WHERE split_part(o, '=', 1) = split_part(setting, '=', 1));
            EXECUTE format('ALTER FUNCTION %s SET %s = %L', ours.name, split_part(setting, '=', 1), split_part(setting, '=', 2));
        END LOOP;
    END LOOP;
END
$planner$;
