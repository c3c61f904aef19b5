-- Enters that a command which is seen is about to give tables another file. When one has another file
-- already, and nothing accounts for it, a member is told at once; for anybody else's command the
-- table stays unaccounted for, which finish_deployment() finds.
CREATE FUNCTION yesterday._enter_replaced(deployment bigint, relations oid[], member boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    accepted boolean := (SELECT d.accept_irreversible FROM yesterday.deployment d WHERE d.id = deployment);
    unseen record;
BEGIN
    FOR unseen IN SELECT u.* FROM yesterday._replaced_unseen(deployment) u WHERE u.relation = ANY (relations)
    LOOP
        IF member AND NOT accepted THEN
            RAISE EXCEPTION 'the file of table "%.%" was replaced unseen during deployment %',
                unseen.schema_name, unseen.table_name, deployment
                USING ERRCODE = 'YD014',
                      DETAIL = 'TRUNCATE, CLUSTER or VACUUM FULL ran in a session that had not loaded the library, so the rows that it may have taken were not saved.',
                      HINT = 'Load it in every session (yesterday init --preload, or session_preload_libraries = ''yesterday''), undo the deployment with yesterday.abandon_deployment(), and run it again.';
        END IF;
        relations := array_remove(relations, unseen.relation);
    END LOOP;
    INSERT INTO yesterday.taken_table (deployment, relid, xid)
    SELECT deployment, r, pg_current_xact_id() FROM unnest(relations) r;
END
$function$;
COMMENT ON FUNCTION yesterday._enter_replaced(bigint, oid[], boolean) IS 'enters tables that a command is about to give another file';
REVOKE ALL ON FUNCTION yesterday._enter_replaced(bigint, oid[], boolean) FROM PUBLIC;
