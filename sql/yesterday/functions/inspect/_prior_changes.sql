-- What has to change in a table to have it as it was before a deployment: per key the
-- record of the oldest deployment that touched it decides. image NULL: the row was not there.
CREATE FUNCTION yesterday._prior_changes(schema_name name, table_name name, since bigint)
RETURNS TABLE (key jsonb, image jsonb)
LANGUAGE sql STABLE
AS $function$
    SELECT DISTINCT ON (r.key) r.key, r.image
    FROM yesterday._captured_since($1, $2, $3) c
    JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) $1
    JOIN pg_catalog.pg_class t ON t.relnamespace OPERATOR(pg_catalog.=) n.oid AND t.relname OPERATOR(pg_catalog.=) $2
    CROSS JOIN LATERAL yesterday._records_spelled(c.captured, t.oid) r
    WHERE r.op OPERATOR(pg_catalog.<>) 'F'::pg_catalog."char"
    ORDER BY r.key, c.deployment, (r.op OPERATOR(pg_catalog.=) 'I'::pg_catalog."char");
$function$;
COMMENT ON FUNCTION yesterday._prior_changes(name, name, bigint) IS
    'per touched key the row as it was before a deployment, NULL where it was not there';
REVOKE ALL ON FUNCTION yesterday._prior_changes(name, name, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._prior_changes(name, name, bigint) TO yesterday_viewer;

