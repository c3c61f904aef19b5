-- Raises unless the relation is a permanent heap table, or a partitioned table, of a user.
CREATE FUNCTION yesterday._require_trackable(relation oid)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    found record;
    what text;
BEGIN
    SELECT c.relkind, c.relpersistence, n.nspname, c.relname, a.amname,
           c.oid < 16384 OR n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast',
                                          'yesterday', 'yesterday_shadow')
           OR yesterday._is_registry_table(c.oid) AS is_system
    INTO found
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_am a ON a.oid = c.relam
    WHERE c.oid = relation;

    what := CASE
        WHEN found.relname IS NULL THEN 'does not exist'
        WHEN found.is_system THEN 'is a system table'
        WHEN found.relkind = 'v' THEN 'is a view'
        WHEN found.relkind = 'm' THEN 'is a materialized view'
        WHEN found.relkind = 'f' THEN 'is a foreign table'
        WHEN found.relkind NOT IN ('r', 'p') THEN 'is not a table'
        WHEN found.relpersistence = 't' THEN 'is a temporary table'
        WHEN found.relpersistence = 'u' THEN 'is an unlogged table'
        WHEN found.relkind = 'r' AND found.amname <> 'heap'
            THEN format('uses the access method "%s"', found.amname)
    END;
    IF what IS NOT NULL THEN
        RAISE EXCEPTION 'cannot track "%": it %', coalesce(found.relname::text, relation::text), what
            USING ERRCODE = 'YD011',
                  DETAIL = 'Capture needs the row triggers and the transaction ids of an ordinary, logged heap table.',
                  HINT = CASE
                      WHEN found.is_system THEN 'What DDL of a deployment changes there is undone without it. Track tables of your own.'
                      WHEN found.relkind IN ('v', 'm') THEN 'Track the tables behind it: SELECT yesterday.track(''schema.table'');'
                      WHEN found.relkind = 'f' THEN 'Track it in the database that has its rows.'
                      WHEN found.relkind = 'r' AND found.relpersistence = 't' THEN 'It goes with its session, and needs no rollback.'
                      WHEN found.relkind = 'r' AND found.relpersistence = 'u' THEN format('ALTER TABLE %s SET LOGGED;', relation::regclass)
                      WHEN found.relkind = 'r' THEN format('ALTER TABLE %s SET ACCESS METHOD heap;', relation::regclass)
                      ELSE 'SELECT yesterday.track(''schema.table''); takes ordinary and partitioned tables.'
                  END;
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._require_trackable(oid) IS 'raises unless a relation can be put under capture';
REVOKE ALL ON FUNCTION yesterday._require_trackable(oid) FROM PUBLIC;

