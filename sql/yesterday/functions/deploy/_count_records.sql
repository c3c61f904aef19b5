-- Number of records in a shadow table; a deployment may write a table it captured and
-- undo it again, which leaves an empty shadow.
CREATE FUNCTION yesterday._count_records(captured bigint)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    shadow name := (SELECT c.shadow_name FROM yesterday.captured_table c WHERE c.id = captured);
    records bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM yesterday_shadow.%I', shadow) INTO records;
    RETURN records;
END
$function$;
COMMENT ON FUNCTION yesterday._count_records(bigint) IS 'number of records in the shadow of a captured table';
REVOKE ALL ON FUNCTION yesterday._count_records(bigint) FROM PUBLIC;

