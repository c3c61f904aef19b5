-- Drops what was kept of a deployment's DDL; the ledger stays, it is part of the history.
CREATE FUNCTION yesterday._forget_ddl(deployment bigint)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    DELETE FROM yesterday.schema_object o WHERE o.deployment = $1;
    DELETE FROM yesterday.schema_dependency d WHERE d.deployment = $1;
    DELETE FROM yesterday.inverse_step s WHERE s.deployment = $1;
    DELETE FROM yesterday.saved_table s WHERE s.deployment = $1;
    DELETE FROM yesterday.compared_table c WHERE c.deployment = $1;
    DELETE FROM yesterday.rewritten_table w WHERE w.deployment = $1;
    DELETE FROM yesterday.saved_sequence s WHERE s.deployment = $1;
    DELETE FROM yesterday.tracked_aside a WHERE a.deployment = $1;
    DELETE FROM yesterday.ddl_refusal r WHERE r.deployment = $1;
$function$;
COMMENT ON FUNCTION yesterday._forget_ddl(bigint) IS 'drops the schema images and inverse DDL of a deployment';
REVOKE ALL ON FUNCTION yesterday._forget_ddl(bigint) FROM PUBLIC;

