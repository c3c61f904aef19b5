-- ALTER TABLE ... DISABLE TRIGGER USER or ALL, as tools run it around a load, means the triggers of users and foreign keys: those of
-- the capture are made anew before anything else can be written (done). That they were as they should be is looked at before,
-- for nobody could tell it afterwards. Of partitions, too: the command goes down to them.
CREATE FUNCTION yesterday._keep_capturing(deployment bigint, relation oid, done boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    known record;
BEGIN
    FOR known IN
        WITH RECURSIVE tree AS (
            SELECT relation AS oid
            UNION SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid)
        SELECT c.oid, t.id, t.outside, t.schema_name, t.table_name, b.triggers AS marks
        FROM tree
        JOIN pg_class c ON c.oid = tree.oid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN yesterday.tracked_table t ON t.schema_name = n.nspname AND t.table_name = c.relname
        LEFT JOIN yesterday.deployment_baseline b ON b.deployment = $1 AND b.relid = c.oid
        ORDER BY t.id
    LOOP
        IF done THEN
            PERFORM yesterday._create_triggers(known.oid, known.outside, known.id);
            UPDATE yesterday.deployment_baseline b SET triggers = yesterday._trigger_marks(known.oid)
            WHERE b.deployment = $1 AND b.relid = known.oid AND b.triggers IS NOT NULL;
        ELSIF known.marks <> yesterday._trigger_marks(known.oid) THEN
            RAISE EXCEPTION 'the capture triggers of table "%.%" were changed during deployment %', known.schema_name, known.table_name, $1
                USING ERRCODE = 'YD014',
                      DETAIL = 'One was disabled, enabled, dropped or replaced, so writes can have passed unseen.',
                      HINT = format('Undo the deployment (ROLLBACK, or yesterday.abandon_deployment()), SELECT yesterday.track(%L), and run it again.',
                                    format('%I.%I', known.schema_name, known.table_name));
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._keep_capturing(bigint, oid, boolean) IS 'internal: capture goes on while a member disables the triggers of a table';
REVOKE ALL ON FUNCTION yesterday._keep_capturing(bigint, oid, boolean) FROM PUBLIC;
