-- Rehearses the rollback of the last deployment on the live state and undoes the
-- rehearsal. Never ends anybody's session, and does not lock business tables against their
-- readers unless it is asked to. Rows of business tables whose definition goes back are compared, in the columns that
-- nothing has been done to: before the rehearsal, and in it. What comes back from copies finish has compared with what was.
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
    relations oid[];
    items jsonb;
    differing jsonb := '[]';
    lost record;
    ended jsonb;
    lines jsonb := '[]';
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
    SELECT string_agg(format('%I.%I', b.schema_name, b.table_name), ', ' ORDER BY b.schema_name, b.table_name),
           array_agg(b.relation) FILTER (WHERE b.has_rows)
    INTO business, relations
    FROM yesterday._business_of_inverse(chosen) b;
    IF business IS NOT NULL AND NOT coalesce(lock_business, false) THEN
        RAISE EXCEPTION 'the drill would lock business tables: %', business
            USING ERRCODE = 'YD017',
                  DETAIL = 'The rollback of this deployment changes their definition, so nobody could read them while it is rehearsed.',
                  HINT = 'In a quiet hour: yesterday drill --lock-business; in SQL SELECT * FROM yesterday.drill(lock_business => true);';
    END IF;
    PERFORM yesterday._check_shadows(chosen);
    ended := yesterday._lock_tables(chosen, NULL);
    items := yesterday._rows_to_compare(chosen, coalesce(relations, '{}'));
    BEGIN
        SELECT lines || coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO lines FROM yesterday._roll_back(chosen, 0) r;
        differing := yesterday._compare_rows(items);
        took := clock_timestamp() - started;
        RAISE EXCEPTION 'the rehearsal is undone'
            USING ERRCODE = 'YDUND', DETAIL = 'Internal to the drill.', HINT = 'None.';
    EXCEPTION WHEN SQLSTATE 'YDUND' THEN
        NULL;   -- the subtransaction is undone; what it found is in lines
    END;
    FOR lost IN SELECT * FROM yesterday._judge_rows(differing, lines) LOOP
        RAISE EXCEPTION 'the rollback of deployment % would not leave the rows of table "%.%" as they are', chosen, lost.schema_name, lost.table_name
            USING ERRCODE = 'YD015', DETAIL = lost.detail || ' Nothing was changed.',
                  HINT = 'Do not roll this deployment back before somebody has looked at it: SELECT * FROM yesterday.inverse_ddl; shows what a rollback runs.';
    END LOOP;
    lines := ended || lines || yesterday._compared_again(chosen, relations, items);
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

-- Business tables that a drill cannot leave readable: those that were there before, and whose definition goes back, or whose rows
-- are written anew because a type in them is.
CREATE FUNCTION yesterday._business_of_inverse(deployment bigint) RETURNS TABLE (relation oid, schema_name name, table_name name, has_rows boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH touched AS (
        SELECT r.relation FROM yesterday._rollback_tables($1) r WHERE r.is_exclusive
        UNION
        SELECT c.oid
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN yesterday.inverse_step s ON s.deployment = $1 AND s.rollback IS NULL AND s.kind IN ('column', 'table')
                                     AND s.identity IN (format('%I.%I.%I', n.nspname, c.relname, a.attname), format('%I.%I', n.nspname, c.relname))
        WHERE c.relkind = 'r'
    )
    SELECT c.oid, n.nspname, c.relname, c.relkind = 'r'
    FROM touched t
    JOIN pg_class c ON c.oid = t.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE EXISTS (SELECT FROM yesterday.schema_object o      -- was there before: business uses it
                  WHERE o.deployment = $1 AND o.phase = 'before' AND o.schema_name = n.nspname AND o.object_name = c.relname)
      AND NOT EXISTS (SELECT FROM yesterday.tracked_table r WHERE r.schema_name = n.nspname AND r.table_name = c.relname)
$function$;
COMMENT ON FUNCTION yesterday._business_of_inverse(bigint) IS 'business tables whose definition or rows an inverse writes';
REVOKE ALL ON FUNCTION yesterday._business_of_inverse(bigint) FROM PUBLIC;

-- What a drill has compared of business tables, and what it has not, as lines of its report.
CREATE FUNCTION yesterday._compared_again(deployment bigint, relations oid[], items jsonb) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'subject', format('%I.%I', n.nspname, c.relname),
               'outcome', CASE WHEN why.nothing IS NULL THEN 'compared' ELSE 'not compared' END,
               'rows', CASE WHEN why.nothing IS NULL THEN i.item -> 'rows_now' END,
               'detail', CASE WHEN why.nothing IS NOT NULL THEN format('%s: its rows of before were compared by %s', why.nothing, f.whom)
                              WHEN o.columns IS NULL THEN 'its rows stay as they are now'
                              ELSE format('its rows stay as they are now; values of %s were compared by %s', o.columns, f.whom) END)
               ORDER BY n.nspname, c.relname), '[]')
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN jsonb_array_elements(items) AS i (item) ON (i.item ->> 'relid')::oid = c.oid
    CROSS JOIN LATERAL (SELECT CASE WHEN i.item IS NULL THEN 'the table has taken the place of another one'
                                    WHEN (i.item ->> 'emptied')::boolean THEN 'the deployment emptied the table' END AS nothing) why
    CROSS JOIN LATERAL (SELECT string_agg(quote_ident(b.name), ', ' ORDER BY b.num) AS columns
                        FROM yesterday._columns_before($1, c.oid) b WHERE NOT b.kept) o
    CROSS JOIN LATERAL (SELECT CASE d.proof WHEN 'proven' THEN 'finish alone' ELSE 'nobody' END AS whom
                        FROM yesterday.deployment d WHERE d.id = $1) f
    WHERE c.oid = ANY (relations)
$function$;
COMMENT ON FUNCTION yesterday._compared_again(bigint, oid[], jsonb) IS 'what a drill has compared of business tables';
REVOKE ALL ON FUNCTION yesterday._compared_again(bigint, oid[], jsonb) FROM PUBLIC;
