-- The inverse bundle of a deployment as a document, which the exact digest is the SHA-256 of. It has prior rows and rows
-- that DDL destroyed, so it is for who may read all of them.
CREATE FUNCTION yesterday.inverse_document(deployment bigint)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    hidden text;
    bytes bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday.deployment d WHERE d.id = deployment AND d.status IN ('finished', 'rolled_back') AND d.forgotten_at IS NULL) THEN
        RAISE EXCEPTION 'deployment % has no inverse bundle', coalesce(deployment::text, 'NULL')
            USING ERRCODE = 'YD018',
                  DETAIL = 'It does not exist, is not finished, or is forgotten.',
                  HINT = 'SELECT id, name, status FROM yesterday.history WHERE rollbackable;';
    END IF;
    SELECT string_agg(x.name, ', ' ORDER BY x.name) INTO hidden
    FROM (SELECT format('%I.%I', c.schema_name, c.table_name) AS name, t.oid
          FROM yesterday.captured_table c
          LEFT JOIN pg_class t ON t.oid = to_regclass(format('%I.%I', c.schema_name, c.table_name)) AND pg_get_userbyid(t.relowner) = c.owner
          WHERE c.deployment = deployment
          UNION
          SELECT format('%I.%I', s.schema_name, s.table_name), t.oid
          FROM yesterday.saved_table s
          LEFT JOIN pg_class t ON t.oid = to_regclass(format('%I.%I', s.schema_name, s.table_name)) AND t.oid = s.relid
          WHERE s.deployment = deployment) x
    WHERE NOT yesterday._may_read_rows(yesterday._caller(), coalesce(x.oid, 0));
    IF hidden IS NOT NULL THEN
        RAISE EXCEPTION 'permission denied for prior rows of deployment %', deployment
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('%s may not read all rows of %s.', yesterday._caller(), hidden),
                  HINT = 'Ask a yesterday_admin, or get SELECT on these tables.';
    END IF;
    SELECT coalesce(sum(octet_length(l.line) + 1), 0) INTO bytes FROM yesterday._inverse_lines(deployment) l;
    IF bytes > 268435456 THEN
        RAISE EXCEPTION 'the inverse document of deployment % is too large to be told in one piece', deployment
            USING ERRCODE = 'YD020',
                  DETAIL = format('It has %s; the most is 256 MB.', pg_size_pretty(bytes)),
                  HINT = 'Its digest is told by yesterday.displaced_digest(); the target keeps the inverse itself, and rolls back with that.';
    END IF;
    RETURN (SELECT coalesce(string_agg(l.line || E'\n', ''), '') FROM yesterday._inverse_lines(deployment) l);
END
$function$;
COMMENT ON FUNCTION yesterday.inverse_document(bigint) IS 'the inverse bundle of a deployment as a document';
REVOKE ALL ON FUNCTION yesterday.inverse_document(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.inverse_document(bigint) TO yesterday_deployer;

