-- Inside a deployment: writes back single records as they were before the named one. A
-- forward change by ordinary DML of the caller, so that triggers, constraints, row security
-- and the capture of the current deployment all apply; order stays law. The search path is
-- the caller's, for the triggers: nothing here may be looked up by it.
CREATE FUNCTION yesterday.restore("table" regclass, keys jsonb, deployment text)
RETURNS bigint
LANGUAGE plpgsql
-- what the text of a stored value means; triggers see nothing of it but these four
SET IntervalStyle = postgres SET xmloption = content SET lc_monetary = 'C' SET array_nulls = on
AS $function$
DECLARE
    change record;
    commands pg_catalog.text[];
    affected bigint;
    restored bigint := 0;
BEGIN
    IF yesterday._in_deployment() IS NULL THEN
        RAISE EXCEPTION 'restore() works only inside a deployment'
            USING ERRCODE = 'YD003',
                  DETAIL = 'It is a forward change, built from prior images, and can itself be rolled back.',
                  HINT = 'BEGIN; SELECT yesterday.begin_deployment(''restore ...''); SELECT yesterday.restore(...); SELECT * FROM yesterday.finish_deployment(); COMMIT;';
    END IF;
    FOR change IN SELECT * FROM yesterday._restore_changes("table"::pg_catalog.oid, keys, deployment)
    LOOP
        commands := yesterday._restore_commands("table"::pg_catalog.oid, change.key, change.image);
        EXECUTE commands[1] USING change.key, change.image;
        GET DIAGNOSTICS affected = ROW_COUNT;
        IF affected OPERATOR(pg_catalog.=) 0 AND change.image IS NOT NULL THEN
            EXECUTE commands[2] USING change.key, change.image;
        END IF;
        restored := restored OPERATOR(pg_catalog.+) 1;
    END LOOP;
    RETURN restored;
END
$function$;
COMMENT ON FUNCTION yesterday.restore(regclass, jsonb, text) IS
    'inside a deployment: writes back records as they were before the named one; returns how many had changed';
REVOKE ALL ON FUNCTION yesterday.restore(regclass, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.restore(regclass, jsonb, text) TO yesterday_deployer;

-- By its number, as begin_deployment() returned it: in SQL no number is a text by itself.
CREATE FUNCTION yesterday.restore("table" regclass, keys jsonb, deployment bigint)
RETURNS bigint
LANGUAGE sql
-- the search path is the caller's, as above
AS $function$
    SELECT yesterday.restore($1, $2, $3::pg_catalog.text)
$function$;
COMMENT ON FUNCTION yesterday.restore(regclass, jsonb, bigint) IS
    'inside a deployment: writes back records as they were before that of this number';
REVOKE ALL ON FUNCTION yesterday.restore(regclass, jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.restore(regclass, jsonb, bigint) TO yesterday_deployer;
