-- A rollback brings back tables whose name another tracked table had taken: each is under capture as it was.
CREATE FUNCTION yesterday._track_again(deployment bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    aside yesterday.tracked_aside;
    relation oid;
BEGIN
    FOR aside IN SELECT s.* FROM yesterday.tracked_aside s WHERE s.deployment = $1 ORDER BY s.id LOOP
        DELETE FROM yesterday.tracked_table t
        WHERE t.schema_name = aside.schema_name AND t.table_name = aside.table_name OR t.id = aside.id;
        INSERT INTO yesterday.tracked_table
            (id, schema_name, table_name, layer, outside, natural_key, local_columns, rule, parent, tracked_at, tracked_by)
        VALUES (aside.id, aside.schema_name, aside.table_name, aside.layer, aside.outside, aside.natural_key,
                aside.local_columns, aside.rule, aside.parent, aside.tracked_at, aside.tracked_by);
        SELECT c.oid INTO relation FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = aside.schema_name AND c.relname = aside.table_name AND c.relkind = 'r';
        IF FOUND THEN
            PERFORM yesterday._drop_triggers(relation);
            PERFORM yesterday._create_triggers(relation, aside.outside, aside.id);
        END IF;
    END LOOP;
    DELETE FROM yesterday.tracked_aside s WHERE s.deployment = $1;
END
$function$;
COMMENT ON FUNCTION yesterday._track_again(bigint) IS 'puts tables under capture again whose name another one had taken';
REVOKE ALL ON FUNCTION yesterday._track_again(bigint) FROM PUBLIC;
