-- A tracked table dropped outside any deployment is forgotten. One that a deployment drops
-- keeps its row, because the rollback brings the table back.
CREATE FUNCTION yesterday._on_sql_drop()
RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
BEGIN
    -- nor is one that a rollback drops: an older deployment may have dropped its namesake
    IF yesterday._is_internal() OR EXISTS (SELECT FROM yesterday.deployment d WHERE d.status = 'open') THEN
        RETURN;
    END IF;
    DELETE FROM yesterday.tracked_table t
    USING pg_event_trigger_dropped_objects() o
    WHERE o.object_type = 'table' AND t.schema_name = o.schema_name AND t.table_name = o.object_name
      AND to_regclass(format('%I.%I', t.schema_name, t.table_name)) IS NULL;
END
$function$;
COMMENT ON FUNCTION yesterday._on_sql_drop() IS 'event trigger: forgets tracked tables that are dropped outside deployments';
REVOKE ALL ON FUNCTION yesterday._on_sql_drop() FROM PUBLIC;

CREATE EVENT TRIGGER yesterday_untracking ON sql_drop
    EXECUTE FUNCTION yesterday._on_sql_drop();
ALTER EVENT TRIGGER yesterday_untracking ENABLE ALWAYS;

