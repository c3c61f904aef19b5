-- The inverse DDL of a deployment, command by command, in the order in which it runs.
CREATE FUNCTION yesterday.inverse_ddl(deployment text)
RETURNS TABLE (step bigint, phase text, owner name, command text, fallback text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT i.step, i.phase, i.owner, i.command, i.fallback
    FROM yesterday.inverse_ddl i
    WHERE i.deployment = yesterday._find_deployment($1)
    ORDER BY i.step;
$function$;
COMMENT ON FUNCTION yesterday.inverse_ddl(text) IS
    'commands that undo the DDL of a deployment, in the order in which they run';
REVOKE ALL ON FUNCTION yesterday.inverse_ddl(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.inverse_ddl(text) TO yesterday_viewer;

-- By its number, as begin_deployment() returned it: in SQL no number is a text by itself.
CREATE FUNCTION yesterday.inverse_ddl(deployment bigint)
RETURNS TABLE (step bigint, phase text, owner name, command text, fallback text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM yesterday.inverse_ddl($1::text)
$function$;
COMMENT ON FUNCTION yesterday.inverse_ddl(bigint) IS
    'commands that undo the DDL of the deployment of this number';
REVOKE ALL ON FUNCTION yesterday.inverse_ddl(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.inverse_ddl(bigint) TO yesterday_viewer;
