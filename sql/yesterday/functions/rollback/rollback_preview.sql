-- The report of a rollback without doing it. Takes no lock that anybody waits for.
CREATE FUNCTION @extschema@.rollback_preview(deployment text DEFAULT NULL)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    chosen bigint;
    found yesterday.deployment;
    current record;
BEGIN
    chosen := CASE WHEN deployment IS NULL THEN yesterday._last_deployment()
                   ELSE yesterday._resolve_deployment(deployment) END;
    IF chosen IS NULL THEN
        PERFORM yesterday._choose_rollback(NULL);
    END IF;
    SELECT * INTO current FROM yesterday._state();
    IF deployment IS NOT NULL THEN
        PERFORM yesterday._choose_rollback(deployment);
    END IF;
    SELECT d.* INTO found FROM yesterday.deployment d WHERE d.id = chosen;
    IF found.forgotten_at IS NOT NULL THEN
        PERFORM yesterday._choose_rollback(chosen::text);
    END IF;

    RETURN QUERY SELECT
        format('deployment %s "%s"', found.id, found.name),
        CASE WHEN current.state = 'off_train' THEN 'the target is off the train; this would be rolled back next'
             ELSE 'would be rolled back' END,
        NULL::bigint,
        format('%s by %s, %s. Next: SELECT * FROM rollback_last(%L);',
               CASE found.status WHEN 'open' THEN format('still open, begun %s', found.began_at)
                                 ELSE format('finished %s', found.finished_at) END,
               found.deployed_by,
               CASE found.proof
                   WHEN 'proven' THEN format('its rollback is proven and took %s ms', found.proof_figures->>'milliseconds')
                   WHEN 'touched' THEN format('its rollback is proven on the rows it touched and took %s ms', found.proof_figures->>'milliseconds')
                   ELSE 'its rollback is UNPROVEN' END
                   || coalesce((SELECT format(', drilled %s in %s ms', r.started_at, round(extract(epoch FROM r.duration) * 1000))
                                FROM yesterday.rollback r WHERE r.deployment = chosen AND r.kind = 'drill' AND r.duration IS NOT NULL
                                ORDER BY r.id DESC LIMIT 1), ''),
               found.id::text);
    RETURN QUERY SELECT * FROM yesterday._report_rows(yesterday._foresee(chosen));
    RETURN QUERY SELECT * FROM yesterday._stale_views(chosen);
    RETURN QUERY
        SELECT l.subject, l.outcome, l.rows, l.detail FROM yesterday._report_rows(found.report) l
        WHERE l.outcome IN ('not tracked', 'residue', 'outside the database');
    RETURN QUERY SELECT * FROM yesterday._report_rows(
        yesterday._artifact_lines(yesterday._desired_artifacts(), yesterday._artifacts_before(chosen), 'would be switched'));
    RETURN QUERY SELECT 'code', 'code pending', NULL::bigint,
        format('what should run now is not confirmed: %s. Next: %s', c.detail, yesterday._end_code_pending(c.generation))
    FROM yesterday._code_state() c WHERE c.state NOT IN ('none', 'confirmed');
    RETURN QUERY
        SELECT 'target', 'locked by others', NULL::bigint, h.holder FROM yesterday._lock_holders(0) h
        UNION ALL
        SELECT format('deployment %s', chosen), 'locked by others', NULL, h.holder FROM yesterday._lock_holders(chosen) h
        ORDER BY 1 DESC, 4;
    RETURN QUERY
        SELECT format('%I.%I', r.schema_name, r.table_name), 'locked by others', NULL::bigint, b.holder
        FROM yesterday._rollback_tables(chosen) r
        CROSS JOIN LATERAL yesterday._table_blockers(r.relation, r.is_exclusive) b
        ORDER BY 1, 4;
END
$function$;
COMMENT ON FUNCTION @extschema@.rollback_preview(text) IS
    'what rollback_last() would do, without doing it; headline first';
REVOKE ALL ON FUNCTION @extschema@.rollback_preview(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.rollback_preview(text) TO yesterday_viewer;

-- By its number, as begin_deployment() returned it: in SQL no number is a text by itself.
CREATE FUNCTION @extschema@.rollback_preview(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM @extschema@.rollback_preview($1::text)
$function$;
COMMENT ON FUNCTION @extschema@.rollback_preview(bigint) IS
    'what rollback_last() would do to the deployment of this number, without doing it';
REVOKE ALL ON FUNCTION @extschema@.rollback_preview(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @extschema@.rollback_preview(bigint) TO yesterday_viewer;
