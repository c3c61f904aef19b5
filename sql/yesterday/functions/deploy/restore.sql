-- Inside a deployment: writes back single records as they were before the named one. A
-- forward change, captured like any other; order stays law.
CREATE FUNCTION yesterday.restore("table" regclass, keys jsonb, deployment text)
RETURNS bigint
LANGUAGE plpgsql
AS $function$
DECLARE
    since bigint := yesterday._find_deployment(deployment);
    relation record;
    key_columns pg_catalog.name[];
    wanted jsonb;
    as_text jsonb;
    change record;
    restored bigint := 0;
BEGIN
    IF yesterday._in_deployment() IS NULL THEN
        RAISE EXCEPTION 'restore() works only inside a deployment'
            USING ERRCODE = 'YD003',
                  DETAIL = 'It is a forward change, built from prior images, and can itself be rolled back.',
                  HINT = 'BEGIN; SELECT yesterday.begin_deployment(''restore ...''); SELECT yesterday.restore(...); SELECT * FROM yesterday.finish_deployment(); COMMIT;';
    END IF;
    SELECT n.nspname, c.relname INTO relation
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE c.oid OPERATOR(pg_catalog.=) "table";
    key_columns := yesterday._key_columns(relation.nspname, relation.relname, since);
    IF key_columns IS NULL THEN
        RAISE EXCEPTION 'no deployment since % touched table "%"', since, "table"
            USING ERRCODE = 'YD022',
                  DETAIL = 'Its rows are as they were.',
                  HINT = pg_catalog.format('SELECT DISTINCT table_name FROM yesterday.diff(%L);', deployment);
    END IF;
    IF pg_catalog.jsonb_typeof(keys) IS DISTINCT FROM 'array' THEN
        keys := pg_catalog.jsonb_build_array(keys);
    END IF;
    FOR wanted IN SELECT * FROM pg_catalog.jsonb_array_elements(keys)
    LOOP
        IF pg_catalog.jsonb_typeof(wanted) IS DISTINCT FROM 'object' OR
           (SELECT pg_catalog.array_agg(k ORDER BY k) FROM pg_catalog.jsonb_object_keys(wanted) k)
           IS DISTINCT FROM (SELECT pg_catalog.array_agg(k::text ORDER BY k::text) FROM pg_catalog.unnest(key_columns) k)
        THEN
            RAISE EXCEPTION 'key % is not one of table "%"', wanted, "table"
                USING ERRCODE = 'YD022',
                      DETAIL = pg_catalog.format('Its key columns are %s.', pg_catalog.array_to_string(key_columns, ', ')),
                      HINT = 'Give an array of objects, for example [{"id": 1}, {"id": 2}].';
        END IF;
        SELECT pg_catalog.jsonb_object_agg(e.key, e.value) INTO as_text FROM pg_catalog.jsonb_each_text(wanted) e;
        SELECT p.* INTO change FROM yesterday._prior_changes(relation.nspname, relation.relname, since) p
        WHERE p.key OPERATOR(pg_catalog.=) as_text;
        CONTINUE WHEN NOT FOUND;     -- untouched since: it is as it was
        PERFORM yesterday._restore_one("table", change.key, change.image);
        restored := restored OPERATOR(pg_catalog.+) 1;
    END LOOP;
    RETURN restored;
END
$function$;
COMMENT ON FUNCTION yesterday.restore(regclass, jsonb, text) IS
    'inside a deployment: writes back records as they were before the named one; returns how many had changed';
REVOKE ALL ON FUNCTION yesterday.restore(regclass, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.restore(regclass, jsonb, text) TO yesterday_deployer;

