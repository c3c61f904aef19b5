-- A table as it was before a deployment. The rights are the caller's: prior images and rows
-- show only to who may see all rows of the table. Of a partitioned table it is the union of its
-- partitions, each with the records of its own; a row that moved is where it was. As in a query
-- of the parent, the right to read the parent suffices, and who can use no partition's schema
-- sees them nevertheless.
CREATE FUNCTION yesterday.prior("table" anyelement, deployment text)
RETURNS SETOF anyelement
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    since bigint := yesterday._find_deployment(deployment);
    relation record;
    leaf record;
    lost text;
    prior record;
BEGIN
    SELECT n.nspname, c.relname, c.relkind, c.oid INTO relation
    FROM pg_type t
    JOIN pg_class c ON c.oid = t.typrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.oid = pg_typeof("table")::oid;
    IF relation.relkind IS DISTINCT FROM 'p' THEN
        SELECT * INTO prior FROM yesterday._prior_keys(relation.nspname, relation.relname, since, deployment);
        IF prior.was_there THEN
            RETURN QUERY SELECT * FROM yesterday._prior_rows("table", relation.oid, prior.key_columns, since);
        END IF;
        RETURN;
    END IF;

    PERFORM yesterday._require_right_to_see(relation.oid);
    lost := yesterday._lost_partitions(relation.oid, since);
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'partitions of table "%.%" have gone since deployment %', relation.nspname, relation.relname, since
            USING ERRCODE = 'YD022',
                  DETAIL = format('Dropped or detached by deployments: %s.', lost),
                  HINT = 'Look at the partitions that are still there one by one: SELECT * FROM yesterday.prior(NULL::the_schema.the_partition, ...).';
    END IF;
    FOR leaf IN
        SELECT n.nspname, c.relname, c.relkind, c.oid FROM pg_partition_tree(relation.oid) t
        JOIN pg_class c ON c.oid = t.relid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE t.isleaf AND c.oid <> relation.oid
        ORDER BY n.nspname, c.relname
    LOOP
        SELECT * INTO prior FROM yesterday._prior_keys(leaf.nspname, leaf.relname, since, deployment);
        CONTINUE WHEN NOT prior.was_there OR yesterday._attached_since(leaf.oid, relation.oid, since);
        IF leaf.relkind = 'f' THEN          -- never captured: its rows are what they are
            RETURN QUERY EXECUTE format('SELECT * FROM %I.%I p WHERE p.tableoid = $1', relation.nspname, relation.relname)
                USING leaf.oid;
        ELSE
            RETURN QUERY SELECT * FROM yesterday._prior_rows("table", leaf.oid, prior.key_columns, since);
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday.prior(anyelement, text) IS
    'a table as it was before a deployment: SELECT * FROM yesterday.prior(NULL::screen, ''12'')';
REVOKE ALL ON FUNCTION yesterday.prior(anyelement, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.prior(anyelement, text) TO yesterday_viewer;

-- By its number, as begin_deployment() returned it: in SQL no number is a text by itself.
CREATE FUNCTION yesterday.prior("table" anyelement, deployment bigint)
RETURNS SETOF anyelement
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM yesterday.prior($1, $2::text)
$function$;
COMMENT ON FUNCTION yesterday.prior(anyelement, bigint) IS
    'a table as it was before the deployment of this number';
REVOKE ALL ON FUNCTION yesterday.prior(anyelement, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.prior(anyelement, bigint) TO yesterday_viewer;
