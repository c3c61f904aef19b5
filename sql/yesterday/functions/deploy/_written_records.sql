-- The records of a shadow table that tell of written rows. Where DDL was about to destroy values, every
-- row was recorded beforehand; of those only the ones count that are gone, or hold something else now in a
-- column that is still there and whose type was not changed, or anything in a new column that nothing fills.
--   taken   recorded beforehand: the operation is what came of the row
CREATE FUNCTION yesterday._written_records(captured bigint)
RETURNS TABLE (key jsonb, operation text, taken boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    shadow yesterday.captured_table;
    relation oid;
    retyped text[];
    unfilled text[];
BEGIN
    SELECT * INTO STRICT shadow FROM yesterday.captured_table c WHERE c.id = captured;
    IF EXISTS (SELECT FROM yesterday._records(captured) r WHERE r.op = 'T') THEN
        relation := (SELECT c.oid FROM pg_class c WHERE c.oid = shadow.relid AND c.relkind = 'r');
    END IF;
    IF relation IS NULL OR yesterday._key_match(relation, shadow.key_columns, 't', 'r.key') IS NULL THEN
        RETURN QUERY
            SELECT r.key, CASE r.op WHEN 'I' THEN 'insert' WHEN 'U' THEN 'update' ELSE 'delete' END, false
            FROM yesterday._records(captured) r;
        RETURN;
    END IF;
    retyped := ARRAY(SELECT a.attname::text
                     FROM yesterday.saved_table s CROSS JOIN LATERAL unnest(s.lost) l
                     JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = l
                     WHERE s.deployment = shadow.deployment AND s.relid = relation AND s.event = 'type');
    unfilled := ARRAY(SELECT a.attname::text FROM pg_attribute a
                      WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.atthasdef
                        AND a.attidentity = '');
    RETURN QUERY
        SELECT r.key,
               CASE WHEN r.op = 'T' THEN CASE WHEN r.now IS NULL THEN 'delete' ELSE 'update' END
                    ELSE CASE r.op WHEN 'I' THEN 'insert' WHEN 'U' THEN 'update' ELSE 'delete' END END,
               r.op = 'T'
        FROM yesterday._records_now(captured, relation, shadow.key_columns) r
        WHERE r.op <> 'T' OR r.now IS NULL
           OR EXISTS (SELECT FROM jsonb_each(r.image) b
                      WHERE r.now ? b.key AND b.key <> ALL (retyped) AND b.value IS DISTINCT FROM r.now -> b.key)
           OR EXISTS (SELECT FROM jsonb_each(r.now) n
                      WHERE NOT r.image ? n.key AND n.key = ANY (unfilled) AND n.value <> 'null');
END
$function$;
COMMENT ON FUNCTION yesterday._written_records(bigint) IS 'records of a shadow table without those of rows that DDL alone had recorded';
REVOKE ALL ON FUNCTION yesterday._written_records(bigint) FROM PUBLIC;
