-- A table as it was before a deployment. The rights are the caller's: prior images and rows
-- show only to who may see all rows of the table.
CREATE FUNCTION yesterday.prior("table" anyelement, deployment text)
RETURNS SETOF anyelement
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    since bigint := yesterday._find_deployment(deployment);
    relation record;
    keys name[];
BEGIN
    SELECT n.nspname, c.relname INTO relation
    FROM pg_type t
    JOIN pg_class c ON c.oid = t.typrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.oid = pg_typeof("table")::oid;
    keys := yesterday._key_columns(relation.nspname, relation.relname, since);
    IF cardinality(keys) = 0 THEN
        RAISE EXCEPTION 'table "%.%" has no key', relation.nspname, relation.relname
            USING ERRCODE = 'YD022',
                  DETAIL = 'Without a key its rows can be counted, but not told apart.',
                  HINT = format('SELECT * FROM yesterday.diff(%L); shows what was inserted and deleted.', deployment);
    END IF;
    RETURN QUERY SELECT * FROM yesterday._prior_rows("table", keys, since);
END
$function$;
COMMENT ON FUNCTION yesterday.prior(anyelement, text) IS
    'a table as it was before a deployment: SELECT * FROM yesterday.prior(NULL::screen, ''12'')';
REVOKE ALL ON FUNCTION yesterday.prior(anyelement, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.prior(anyelement, text) TO yesterday_viewer;

