-- Rehearses the rollback of the last deployment on the live state and undoes the
-- rehearsal. Never ends anybody's session, and does not lock business tables against their
-- readers unless it is asked to.
CREATE FUNCTION yesterday.drill(lock_business boolean DEFAULT false)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    chosen bigint;
    found yesterday.deployment;
    drill_id bigint;
    started timestamptz := clock_timestamp();
    took interval;
    business text;
    ended jsonb;
    lines jsonb := '[]';
    line record;
BEGIN
    PERFORM yesterday._require_read_committed('drill()');
    PERFORM yesterday._require_no_own_deployment('drill()');
    PERFORM yesterday._lock_target('drill()');
    chosen := yesterday._choose_rollback(coalesce(yesterday._last_deployment()::text, NULL));
    SELECT d.* INTO found FROM yesterday.deployment d WHERE d.id = chosen;
    IF found.status <> 'finished' THEN
        RAISE EXCEPTION 'deployment % "%" is still open', found.id, found.name
            USING ERRCODE = 'YD002',
                  DETAIL = 'A drill rehearses the rollback of a finished deployment.',
                  HINT = 'Finish or abandon it first.';
    END IF;
    SELECT string_agg(format('%I.%I', r.schema_name, r.table_name), ', ' ORDER BY r.schema_name, r.table_name)
    INTO business
    FROM yesterday._rollback_tables(chosen) r
    WHERE r.is_exclusive AND NOT r.is_tracked AND NOT coalesce(lock_business, false)
      AND EXISTS (SELECT FROM yesterday.schema_object o      -- was there before: business uses it
                  WHERE o.deployment = chosen AND o.phase = 'before'
                    AND o.schema_name = r.schema_name AND o.object_name = r.table_name);
    IF business IS NOT NULL THEN
        RAISE EXCEPTION 'the drill would lock business tables: %', business
            USING ERRCODE = 'YD017',
                  DETAIL = 'The rollback of this deployment changes their definition, so nobody could read them while it is rehearsed.',
                  HINT = 'In a quiet hour: SELECT * FROM yesterday.drill(lock_business => true);';
    END IF;
    PERFORM yesterday._check_shadows(chosen);
    ended := yesterday._lock_tables(chosen, NULL);
    BEGIN
        FOR line IN SELECT * FROM yesterday._roll_back(chosen, 0)
        LOOP
            lines := lines || to_jsonb(line);
        END LOOP;
        took := clock_timestamp() - started;
        RAISE EXCEPTION 'the rehearsal is undone'
            USING ERRCODE = 'YDUND', DETAIL = 'Internal to the drill.', HINT = 'None.';
    EXCEPTION WHEN SQLSTATE 'YDUND' THEN
        NULL;   -- the subtransaction is undone; what it found is in lines
    END;
    lines := ended || lines;
    drill_id := yesterday._record_rollback(chosen, 'drill', NULL);
    UPDATE yesterday.rollback r SET duration = took, report = lines WHERE r.id = drill_id;
    PERFORM yesterday._log('drill', chosen, NULL, jsonb_build_object('rollback', drill_id, 'duration', took));
    lines := yesterday._rollback_headline(chosen, 'drilled', lines,
        format('its rollback works on the live state and took %s ms; nothing was changed',
               round(extract(epoch FROM took) * 1000))) || lines;
    RETURN QUERY SELECT * FROM yesterday._report_rows(lines);
END
$function$;
COMMENT ON FUNCTION yesterday.drill(boolean) IS
    'rehearses the rollback of the last deployment on the live state and undoes the rehearsal';
REVOKE ALL ON FUNCTION yesterday.drill(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.drill(boolean) TO yesterday_operator;

