-- Fails closed: raises when a write can have passed by the capture.
CREATE FUNCTION yesterday._check_capture(deployment bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    broken record;
    deployed yesterday.deployment;
BEGIN
    SELECT d.* INTO STRICT deployed FROM yesterday.deployment d WHERE d.id = deployment;
    IF yesterday._trigger_marks(0) IS DISTINCT FROM
       (SELECT b.triggers FROM yesterday.deployment_baseline b WHERE b.deployment = deployment AND b.relid = 0)
    THEN
        RAISE EXCEPTION 'the event triggers of Yesterday were changed during deployment %', deployment
            USING ERRCODE = 'YD014',
                  DETAIL = 'One was disabled, enabled or replaced, so DDL can have passed unseen.',
                  HINT = 'Undo the deployment (ROLLBACK, or yesterday.abandon_deployment()), enable the event triggers, and run it again.';
    END IF;

    SELECT b.schema_name, b.table_name, b.filenode <> c.relfilenode AS moved INTO broken
    FROM yesterday.deployment_baseline b
    JOIN pg_class c ON c.oid = b.relid
    WHERE b.deployment = deployment AND b.relid <> 0 AND b.triggers IS NOT NULL
      AND (b.triggers <> yesterday._trigger_marks(b.relid)
           OR (b.filenode <> c.relfilenode
               AND NOT EXISTS (SELECT FROM yesterday.taken_table k
                               WHERE k.deployment = deployment AND k.relid = b.relid)))
    ORDER BY b.schema_name, b.table_name
    LIMIT 1;
    IF FOUND AND broken.moved THEN
        RAISE EXCEPTION 'the file of table "%.%" was replaced unseen during deployment %',
            broken.schema_name, broken.table_name, deployment
            USING ERRCODE = 'YD014',
                  DETAIL = 'CLUSTER, VACUUM FULL or a rewrite ran that no trigger showed, so what it changed cannot be told.',
                  HINT = 'Undo the deployment (ROLLBACK, or yesterday.abandon_deployment()) and run it again without that command.';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'the capture triggers of table "%.%" were changed during deployment %',
            broken.schema_name, broken.table_name, deployment
            USING ERRCODE = 'YD014',
                  DETAIL = 'One was disabled, enabled, dropped or replaced, so writes can have passed unseen.',
                  HINT = format('Undo the deployment (ROLLBACK, or yesterday.abandon_deployment()), SELECT yesterday.track(%L), and run it again.',
                                format('%I.%I', broken.schema_name, broken.table_name));
    END IF;
    -- a baseline of tables that are not tracked is taken in open scope only
    IF deployed.scope = 'open' THEN
        FOR broken IN SELECT * FROM yesterday._replaced_unseen(deployment)
        LOOP
            IF deployed.accept_irreversible THEN
                INSERT INTO yesterday.ddl_refusal (deployment, kind, identity, reason)
                VALUES (deployment, 'truncate', format('%I.%I', broken.schema_name, broken.table_name),
                        'its file was replaced unseen; rows that TRUNCATE took from it are gone');
                CONTINUE;
            END IF;
            RAISE EXCEPTION 'the file of table "%.%" was replaced unseen during deployment %',
                broken.schema_name, broken.table_name, deployment
                USING ERRCODE = 'YD014',
                      DETAIL = 'TRUNCATE, CLUSTER or VACUUM FULL ran in a session that had not loaded the library, so the rows that it may have taken were not saved.',
                      HINT = 'Load it in every session (yesterday init --preload, or session_preload_libraries = ''yesterday''), undo the deployment with yesterday.abandon_deployment(), and run it again.';
        END LOOP;
    END IF;
    PERFORM yesterday._check_counts();
END
$function$;
COMMENT ON FUNCTION yesterday._check_capture(bigint) IS 'raises when a write can have passed by the capture';
REVOKE ALL ON FUNCTION yesterday._check_capture(bigint) FROM PUBLIC;

