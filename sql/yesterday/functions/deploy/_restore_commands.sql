-- The statements that write one row back, $1 being its key and $2 its image: the second is
-- for when the first finds no row. They run as the caller under the caller's search path,
-- because triggers of the platform count on it; so every name in them carries its schema.
CREATE FUNCTION yesterday._restore_commands(relation oid, key jsonb, image jsonb)
RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    table_name text := relation::regclass::text;
    key_match text := yesterday._key_match(relation, (SELECT array_agg(k::name) FROM jsonb_object_keys(key) k), 't', '$1');
    assignments text;
    names text;
    vals text;
BEGIN
    IF image IS NULL THEN
        RETURN ARRAY[format('DELETE FROM ONLY %s t WHERE %s', table_name, key_match)];
    END IF;
    SELECT string_agg(format('%I = ($2 OPERATOR(pg_catalog.->>) %L)::%s', a.attname, a.attname,
                             format_type(a.atttypid, a.atttypmod)), ', ')
               FILTER (WHERE NOT key ? a.attname::text AND a.attidentity <> 'a'),
           string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
           string_agg(format('($2 OPERATOR(pg_catalog.->>) %L)::%s', a.attname,
                             format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
    INTO assignments, names, vals
    FROM pg_attribute a
    WHERE a.attrelid = relation AND a.attnum > 0
      AND NOT a.attisdropped AND a.attgenerated = '' AND image ? a.attname::text;
    RETURN ARRAY[
        CASE WHEN assignments IS NULL
             THEN format('SELECT FROM ONLY %s t WHERE %s', table_name, key_match)
             ELSE format('UPDATE ONLY %s t SET %s WHERE %s', table_name, assignments, key_match) END,
        format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)', table_name, names, vals)];
END
$function$;
COMMENT ON FUNCTION yesterday._restore_commands(oid, jsonb, jsonb) IS 'statements that write one row back';
REVOKE ALL ON FUNCTION yesterday._restore_commands(oid, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._restore_commands(oid, jsonb, jsonb) TO yesterday_deployer;

