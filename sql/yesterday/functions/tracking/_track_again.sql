-- A rollback brings back tables whose name another table had taken: each is under capture as it was.
CREATE FUNCTION yesterday._track_again(deployment bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    aside yesterday.tracked_aside;
    relation oid;
    place record;
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
    -- one that was renamed and then dropped has left its row under the last name that it had
    FOR place IN
        SELECT t.id, t.outside, b.schema_name, b.table_name, c.oid AS relation
        FROM yesterday.deployment_baseline b
        JOIN yesterday.tracked_table t ON t.id = b.tracked AND (t.schema_name, t.table_name) <> (b.schema_name, b.table_name)
        JOIN pg_namespace n ON n.nspname = b.schema_name
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = b.table_name AND c.relkind IN ('r', 'p')
        WHERE b.deployment = $1
          AND NOT EXISTS (SELECT FROM pg_class o JOIN pg_namespace s ON s.oid = o.relnamespace
                          WHERE s.nspname = t.schema_name AND o.relname = t.table_name AND o.relkind IN ('r', 'p'))
        ORDER BY t.id
    LOOP
        -- what stands there is what the rollback has made, under capture by a row of the deployment or by none
        UPDATE yesterday.tracked_table t SET parent = place.id
        FROM yesterday.tracked_table x
        WHERE x.schema_name = place.schema_name AND x.table_name = place.table_name AND t.parent = x.id;
        DELETE FROM yesterday.tracked_table x
        WHERE x.schema_name = place.schema_name AND x.table_name = place.table_name;
        UPDATE yesterday.tracked_table t SET schema_name = place.schema_name, table_name = place.table_name
        WHERE t.id = place.id;
        PERFORM yesterday._drop_triggers(place.relation);
        PERFORM yesterday._create_triggers(place.relation, place.outside, place.id);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._track_again(bigint) IS 'puts tables under capture again whose name another one had taken';
REVOKE ALL ON FUNCTION yesterday._track_again(bigint) FROM PUBLIC;
