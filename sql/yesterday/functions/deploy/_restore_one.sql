-- Writes one row back: as the caller, by ordinary DML, so that triggers, constraints, row
-- security and the capture of the current deployment all apply.
CREATE FUNCTION yesterday._restore_one(relation regclass, key jsonb, image jsonb)
RETURNS void
LANGUAGE plpgsql
AS $function$
DECLARE
    key_match text;
    assignments text;
    names text;
    vals text;
    affected bigint;
BEGIN
    SELECT pg_catalog.string_agg(
               pg_catalog.format('%I IS NOT DISTINCT FROM ($1 OPERATOR(pg_catalog.->>) %L)::%s', a.attname, a.attname,
                                 pg_catalog.format_type(a.atttypid, a.atttypmod)), ' AND ')
    INTO key_match
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid OPERATOR(pg_catalog.=) relation AND key OPERATOR(pg_catalog.?) a.attname::text;
    IF image IS NULL THEN
        EXECUTE pg_catalog.format('DELETE FROM ONLY %s WHERE %s', relation, key_match) USING key;
        RETURN;
    END IF;
    SELECT pg_catalog.string_agg(pg_catalog.format('%I = ($2 OPERATOR(pg_catalog.->>) %L)::%s', a.attname, a.attname,
                                 pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ')
               FILTER (WHERE NOT key OPERATOR(pg_catalog.?) a.attname::text AND a.attidentity OPERATOR(pg_catalog.<>) 'a'),
           pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum),
           pg_catalog.string_agg(pg_catalog.format('($2 OPERATOR(pg_catalog.->>) %L)::%s', a.attname,
                                 pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
    INTO assignments, names, vals
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid OPERATOR(pg_catalog.=) relation AND a.attnum OPERATOR(pg_catalog.>) 0
      AND NOT a.attisdropped AND a.attgenerated OPERATOR(pg_catalog.=) '' AND image OPERATOR(pg_catalog.?) a.attname::text;
    EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM ONLY %s WHERE %s', relation, key_match)
    INTO affected USING key;
    IF affected OPERATOR(pg_catalog.=) 0 THEN
        EXECUTE pg_catalog.format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)', relation, names, vals)
        USING key, image;
    ELSIF assignments IS NOT NULL THEN
        EXECUTE pg_catalog.format('UPDATE ONLY %s SET %s WHERE %s', relation, assignments, key_match) USING key, image;
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._restore_one(regclass, jsonb, jsonb) IS 'writes one row back, as the caller';
REVOKE ALL ON FUNCTION yesterday._restore_one(regclass, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._restore_one(regclass, jsonb, jsonb) TO yesterday_deployer;

