-- Settles the shadow tables of a deployment, counts their records, and drops empty ones.
CREATE FUNCTION yesterday._settle_deployment(deployment bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    captured record;
    prior bigint;
    inserted bigint;
    repeated boolean;
    -- types that can have got attributes; without DDL there is no image
    composites boolean := EXISTS (SELECT FROM yesterday.schema_object o
                                  WHERE o.deployment = deployment AND o.phase = 'before' AND o.kind = 'composite type');
BEGIN
    PERFORM yesterday._capture_flush();
    PERFORM yesterday._note_positions_left(deployment);
    FOR captured IN
        SELECT c.id, c.shadow_name, c.business FROM yesterday.captured_table c
        WHERE c.deployment = deployment ORDER BY c.schema_name, c.table_name
    LOOP
        IF captured.business THEN
            PERFORM yesterday._record_own_rows(captured.id, deployment);
        END IF;
        SELECT c.prior, c.inserted, c.repeated INTO prior, inserted, repeated
        FROM yesterday._record_counts(captured.id, CASE WHEN composites THEN yesterday._keys_as_before(captured.id) ELSE false END) c;
        IF prior IS NULL OR repeated OR captured.business THEN
            PERFORM yesterday._settle_shadow(captured.id);
            EXECUTE format('SELECT count(*) FILTER (WHERE s.op NOT IN (''I'', ''F'')), count(*) FILTER (WHERE s.op = ''I'')'
                           ' FROM yesterday_shadow.%I s', captured.shadow_name)
            INTO prior, inserted;
        END IF;
        IF prior + inserted = 0 THEN
            DELETE FROM yesterday.captured_column c WHERE c.captured_table = captured.id;
            DELETE FROM yesterday.captured_table c WHERE c.id = captured.id;
            PERFORM yesterday._drop_shadow(captured.shadow_name);
        ELSE
            UPDATE yesterday.captured_table c SET rows_prior = prior, rows_inserted = inserted
            WHERE c.id = captured.id;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._settle_deployment(bigint) IS 'leaves one record a key in every shadow, drops empty shadows';
REVOKE ALL ON FUNCTION yesterday._settle_deployment(bigint) FROM PUBLIC;

