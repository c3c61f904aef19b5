-- Rolls one deployment back and records it. Used by rollback_last(), rollback_to() and
-- abandon_deployment(); returns the report without its headline, sessions ended first.
CREATE FUNCTION yesterday._undo_deployment(deployment bigint, kind text, reason text, force boolean, ended jsonb DEFAULT '[]')
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    found yesterday.deployment;
    rollback_id bigint;
    started timestamptz := clock_timestamp();
    lines jsonb := ended;
    desired jsonb := yesterday._artifacts_before(deployment);
BEGIN
    SELECT d.* INTO STRICT found FROM yesterday.deployment d WHERE d.id = deployment;
    IF found.status = 'open' THEN
        lines := lines || yesterday._lock_deployment(deployment, kind, force);
        SELECT lines || coalesce(jsonb_agg(jsonb_build_object(
                   'subject', g.subject, 'outcome', 'not brought back', 'rows', NULL, 'detail', g.detail) ORDER BY g.subject), '[]')
        INTO lines FROM yesterday._capture_gaps(deployment) g WHERE yesterday._same_cluster(deployment);
        PERFORM yesterday._settle_deployment(deployment);
        IF yesterday._has_ddl(deployment) THEN
            PERFORM yesterday._take_image(deployment, 'after');
            PERFORM yesterday._follow_indexes(deployment, 'after');
            PERFORM yesterday._build_inverse(deployment);
        END IF;
        SELECT lines || coalesce(jsonb_agg(jsonb_build_object(
                   'subject', format('%s %s', u.kind, u.identity), 'outcome', 'not brought back', 'rows', NULL,
                   'detail', 'changed meanwhile by a command that nobody saw: it stays as it is') ORDER BY u.kind, u.identity), '[]')
        INTO lines
        FROM (SELECT x.kind, x.identity FROM yesterday._unexplained_differences(deployment) x WHERE yesterday._has_ddl(deployment)
              UNION ALL
              SELECT x.kind, x.identity FROM yesterday._changes_unseen(deployment) x WHERE NOT yesterday._has_ddl(deployment)) u
        WHERE yesterday._same_cluster(deployment);
    END IF;
    PERFORM yesterday._check_shadows(deployment);
    lines := lines || yesterday._lock_tables(deployment, force);
    IF yesterday._has_ddl(deployment) THEN
        lines := lines || yesterday._lock_ddl_tables(deployment, force);
    END IF;
    rollback_id := yesterday._record_rollback(deployment, kind, reason);
    lines := lines || yesterday._roll_back_by_force(deployment, rollback_id, force);
    -- what no rollback undoes: nobody has refused it yet
    IF found.status = 'open' THEN
        PERFORM yesterday._refuse_unknown(deployment);
        SELECT lines || coalesce(jsonb_agg(jsonb_build_object(
                   'subject', format('%s %s', r.kind, r.identity), 'outcome', 'residue', 'rows', NULL, 'detail', r.reason)
                   ORDER BY r.kind, r.identity), '[]')
        INTO lines FROM yesterday.ddl_refusal r WHERE r.deployment = deployment;
        IF yesterday._has_ddl(deployment) AND yesterday._same_cluster(deployment) THEN
            lines := lines || yesterday._not_as_before(deployment, lines);
        END IF;
    END IF;
    -- or it was known when it was deployed
    SELECT lines || coalesce(jsonb_agg(l), '[]') INTO lines
    FROM jsonb_array_elements(found.report) l WHERE l->>'outcome' IN ('residue', 'outside the database');
    -- the code follows when this is committed; a deployment without artifacts leaves it alone
    lines := lines || yesterday._artifact_lines(yesterday._desired_artifacts(), desired, 'code pending');
    PERFORM yesterday._set_desired(desired, 'rollback', deployment, rollback_id, reason);
    UPDATE yesterday.deployment d
    SET status = CASE kind WHEN 'abandon' THEN 'abandoned' ELSE 'rolled_back' END,
        ended_at = clock_timestamp(), rollback = rollback_id
    WHERE d.id = deployment;
    UPDATE yesterday.rollback r
    SET duration = clock_timestamp() - started, report = lines
    WHERE r.id = rollback_id;
    DELETE FROM yesterday.compared_table c WHERE c.deployment = deployment;
    DELETE FROM yesterday.rewritten_table w WHERE w.deployment = deployment;
    DELETE FROM yesterday.tracked_table t
    WHERE t.tracked_at >= found.began_at
      AND to_regclass(format('%I.%I', t.schema_name, t.table_name)) IS NULL;
    PERFORM yesterday._track_again(deployment);
    PERFORM yesterday._log(kind, deployment, reason, jsonb_build_object('rollback', rollback_id));
    PERFORM yesterday._invalidate();
    RETURN lines;
END
$function$;
COMMENT ON FUNCTION yesterday._undo_deployment(bigint, text, text, boolean, jsonb) IS 'rolls one deployment back and records it';
REVOKE ALL ON FUNCTION yesterday._undo_deployment(bigint, text, text, boolean, jsonb) FROM PUBLIC;

