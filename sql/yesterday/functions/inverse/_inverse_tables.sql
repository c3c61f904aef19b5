-- The tables whose rows an inverse bundle puts back, for callers who hold no privilege on ours.
CREATE FUNCTION yesterday._inverse_tables(deployment bigint)
RETURNS TABLE (captured bigint, schema_name name, table_name name, owner name, has_key boolean, key_columns name[],
               generated_columns text[], business boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.id, c.schema_name, c.table_name, c.owner, c.key_kind <> 'row', c.key_columns,
           ARRAY(SELECT k.column_name::text FROM yesterday.captured_column k
                 WHERE k.captured_table = c.id AND k.generated ORDER BY k.attnum), c.business
    FROM yesterday.captured_table c WHERE c.deployment = $1
    ORDER BY c.schema_name, c.table_name;
$function$;
COMMENT ON FUNCTION yesterday._inverse_tables(bigint) IS 'tables whose rows an inverse bundle puts back';
REVOKE ALL ON FUNCTION yesterday._inverse_tables(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._inverse_tables(bigint) TO yesterday_viewer;
