-- Fails closed when records have gone from, or come into, a shadow table since the deployment
-- was finished, or a copy of rows that DDL destroyed since it was made; or when values in them
-- are others by now, which shows in the database where it was finished.
CREATE FUNCTION yesterday._check_shadows(deployment bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    captured record;
    records bigint;
BEGIN
    FOR captured IN
        SELECT c.schema_name, c.table_name, c.shadow_name, c.rows_prior + c.rows_inserted AS expected, true AS has_foreign
        FROM yesterday.captured_table c WHERE c.deployment = deployment
        UNION ALL
        SELECT s.schema_name, s.table_name, s.shadow_name, s.rows, false
        FROM yesterday.saved_table s WHERE s.deployment = deployment
        ORDER BY schema_name, table_name, shadow_name
    LOOP
        IF to_regclass(format('yesterday_shadow.%I', captured.shadow_name)) IS NOT NULL THEN
            EXECUTE format('SELECT count(*) FROM yesterday_shadow.%I s%s', captured.shadow_name,
                           CASE WHEN captured.has_foreign THEN ' WHERE s.op <> ''F''' ELSE '' END)
            INTO records;
        ELSE
            records := NULL;
        END IF;
        IF records IS DISTINCT FROM captured.expected THEN
            RAISE EXCEPTION 'the prior images of table "%.%" were tampered with', captured.schema_name, captured.table_name
                USING ERRCODE = 'YD014',
                      DETAIL = format('Shadow table yesterday_shadow.%s held %s records when deployment %s was finished, and holds %s now.',
                                      captured.shadow_name, captured.expected, deployment, coalesce(records::text, 'none')),
                      HINT = yesterday._tampered_hint(deployment);
        END IF;
    END LOOP;

    IF NOT yesterday._same_cluster(deployment) THEN
        RETURN;
    END IF;
    SELECT o.schema_name, o.table_name, o.shadow_name INTO captured
    FROM yesterday._shadows_of(deployment) o
    JOIN yesterday.shadow_seal s ON s.shadow_name = o.shadow_name
    WHERE yesterday._shadow_seal(o.shadow_name) IS DISTINCT FROM s.seal
    ORDER BY o.schema_name, o.table_name, o.shadow_name
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the prior images of table "%.%" were tampered with', captured.schema_name, captured.table_name
            USING ERRCODE = 'YD014',
                  DETAIL = format('Shadow table yesterday_shadow.%s holds other values than when deployment %s was finished.',
                                  captured.shadow_name, deployment),
                  HINT = yesterday._tampered_hint(deployment);
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._check_shadows(bigint) IS 'raises when the shadow tables of a finished deployment are not as they were';
REVOKE ALL ON FUNCTION yesterday._check_shadows(bigint) FROM PUBLIC;

