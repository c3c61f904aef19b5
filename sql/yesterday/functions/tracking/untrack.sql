-- Ends the capture of a table, with its partitions and inheriting tables.
CREATE FUNCTION yesterday.untrack(tables regclass)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    member record;
    untracked bigint := 0;
BEGIN
    PERFORM yesterday._require_no_deployment('untrack()');
    FOR member IN
        WITH RECURSIVE tree AS (
            SELECT tables::oid AS relation
            UNION
            SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.relation)
        SELECT c.oid, n.nspname, c.relname, c.relkind
        FROM tree JOIN pg_class c ON c.oid = tree.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        ORDER BY 1
    LOOP
        DELETE FROM yesterday.tracked_table t
        WHERE t.schema_name = member.nspname AND t.table_name = member.relname;
        IF FOUND THEN
            untracked := untracked + 1;
            PERFORM yesterday._drop_triggers(member.oid);
        END IF;
    END LOOP;
    IF untracked = 0 THEN
        RAISE EXCEPTION 'table "%" is not tracked', tables
            USING ERRCODE = 'YD011',
                  DETAIL = 'Neither it nor a table that inherits from it is under capture.',
                  HINT = 'SELECT schema_name, table_name FROM yesterday.tracked;';
    END IF;
    PERFORM yesterday._log('untrack', NULL, NULL, jsonb_build_object('table', tables::text, 'tables', untracked));
    RETURN untracked;
END
$function$;
COMMENT ON FUNCTION yesterday.untrack(regclass) IS
    'ends the capture of a table and its descendants; returns how many';
REVOKE ALL ON FUNCTION yesterday.untrack(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.untrack(regclass) TO yesterday_admin;

