-- The part of finish_deployment() that runs as the owner of the extension.
CREATE FUNCTION yesterday._finish(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    id bigint;
    found record;
    level text;
    residue jsonb := '[]';
    unseen jsonb := '[]';
    new_proof text := 'off';
    figures jsonb;
    lines jsonb := '[]';
    total bigint;
BEGIN
    id := yesterday._which_deployment(deployment, 'finish_deployment()');
    SELECT d.name, d.scope, d.accept_irreversible INTO found FROM yesterday.deployment d WHERE d.id = id;
    level := yesterday._proof_level(yesterday._caller());
    PERFORM yesterday._lock_target('finish_deployment()');
    PERFORM yesterday._require_on_train('finish_deployment()', id);
    IF found.scope = 'open' THEN
        PERFORM yesterday._require_read_committed('finish_deployment()');
        PERFORM yesterday._lock_deployment(id, 'finish_deployment()');
    END IF;

    SELECT lines || coalesce(jsonb_agg(to_jsonb(m)), '[]') INTO lines FROM yesterday._check_manifest_flushed(id) m;
    PERFORM yesterday._check_capture(id);
    SELECT lines || coalesce(jsonb_agg(to_jsonb(t)), '[]') INTO lines FROM yesterday._track_successors(id) t;
    PERFORM yesterday._settle_deployment(id);
    IF yesterday._has_ddl(id) THEN
        PERFORM yesterday._take_image(id, 'after');
        PERFORM yesterday._follow_indexes(id, 'after');
        PERFORM yesterday._build_inverse(id);
    ELSIF found.scope = 'open' THEN
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'subject', format('%s %s', u.kind, u.identity), 'outcome', 'residue', 'rows', NULL,
                   'detail', 'changed while the deployment was open by a command that nobody saw: no rollback undoes it')), '[]')
        INTO unseen FROM yesterday._changes_unseen(id) u;
    END IF;
    PERFORM yesterday._note_catalog_writes();
    PERFORM yesterday._refuse_unknown(id);
    -- an admin may keep what is committed already; what has no inverse is named below
    IF NOT found.accept_irreversible AND NOT (level = 'off' AND found.scope = 'open') THEN
        PERFORM yesterday._check_invertible(id);
    END IF;

    IF level <> 'off' THEN
        lines := lines || yesterday._lock_tables(id, NULL);
        figures := yesterday._prove(id, level);
        new_proof := CASE WHEN level = 'full' AND (figures->>'tables_left_out')::bigint = 0 THEN 'proven' ELSE 'touched' END;
        SELECT lines || coalesce(jsonb_agg(jsonb_build_object('subject', r->>'subject', 'outcome', r->>'outcome',
                                                              'rows', (r->>'rows')::bigint, 'detail', r->>'detail')), '[]')
        INTO lines
        FROM jsonb_array_elements(figures->'report') r
        WHERE r->>'outcome' <> 'unchanged';
        residue := figures->'residue';
        INSERT INTO yesterday.displaced (deployment, kind, layer, schema_name, table_name, subject, rows, digest, detail)
        SELECT id, x.kind, x.layer, x.schema_name, x.table_name, x.subject, x.rows, x.digest, x.detail
        FROM jsonb_to_recordset(CASE WHEN jsonb_typeof(figures->'displaced') = 'array' THEN figures->'displaced' ELSE '[]' END)
            AS x (kind text, layer text, schema_name name, table_name name, subject text, rows bigint, digest text, detail text);
        figures := figures - 'report' - 'residue' - 'displaced';
    END IF;
    -- what was accepted as irreversible is said at once and ever after
    SELECT residue || unseen || coalesce(jsonb_agg(jsonb_build_object(
               'subject', format('%s %s', r.kind, r.identity), 'outcome', 'residue', 'rows', NULL, 'detail', r.reason)
               ORDER BY r.kind, r.identity), '[]')
    INTO residue
    FROM yesterday.ddl_refusal r WHERE r.deployment = id;
    lines := lines || residue;
    IF residue <> '[]' AND new_proof <> 'off' THEN
        new_proof := 'unproven';
    END IF;
    SELECT lines || coalesce(jsonb_agg(jsonb_build_object(
               'subject', e.identity, 'outcome', 'outside the database', 'rows', NULL,
               'detail', format('%s changed what all databases of the server share; no rollback undoes it', e.tag)) ORDER BY e.first), '[]')
    INTO lines
    FROM (SELECT d.identity, d.tag, min(d.seq) AS first FROM yesterday.ddl_entry d
          WHERE d.deployment = id AND d.member AND d.object_type = 'outside the database'
          GROUP BY d.identity, d.tag) e;
    IF found.scope = 'transaction' THEN
        SELECT lines || coalesce(jsonb_agg(jsonb_build_object(
                   'subject', format('%I.%I', w.schema_name, w.table_name), 'outcome', 'not tracked', 'rows', w.rows,
                   'detail', 'written by the deployment, will not be rolled back')), '[]')
        INTO lines
        FROM yesterday._untracked_writes() w;
    END IF;

    SELECT coalesce(sum(c.rows_prior + c.rows_inserted), 0) INTO total
    FROM yesterday.captured_table c WHERE c.deployment = id;
    lines := jsonb_build_array(jsonb_build_object(
        'subject', format('deployment %s "%s"', id, found.name),
        'outcome', CASE new_proof WHEN 'unproven' THEN 'finished, with a residue that no rollback undoes'
                                  WHEN 'off' THEN 'finished, unproven'
                                  WHEN 'touched' THEN 'finished, proven on the rows it touched'
                                  ELSE 'finished, proven' END,
        'rows', total,
        'detail', CASE WHEN figures IS NULL THEN 'its rollback was not rehearsed'
                  ELSE format('rollback rehearsed in %s ms, %s rows, %s objects', figures->>'milliseconds',
                              figures->>'rows', figures->>'objects')
                       || CASE WHEN (figures->>'business_tables')::bigint > 0
                               THEN format('; %s rows of %s business tables compared', figures->>'business_rows', figures->>'business_tables')
                               ELSE '' END
                       || CASE WHEN (figures->>'tables_left_out')::bigint > (figures->>'tables_held_back')::bigint
                               THEN format('; %s tables proven on the touched rows only, because others wrote them meanwhile',
                                           (figures->>'tables_left_out')::bigint - (figures->>'tables_held_back')::bigint)
                               ELSE '' END
                       || CASE WHEN (figures->>'rows_beside')::bigint > 0
                               THEN format('; %s rows that others changed meanwhile are as they left them', figures->>'rows_beside')
                               ELSE '' END
                       || CASE WHEN (figures->>'business_rows_left_out')::bigint > 0
                               THEN format('; %s rows of business tables are not compared, because they were written after DDL had changed them',
                                           figures->>'business_rows_left_out') ELSE '' END
                       || CASE WHEN (figures->>'tables_held_back')::bigint > 0
                               THEN format('; in %s tables rows would be held back, because business rows refer to them already',
                                           figures->>'tables_held_back') ELSE '' END END)) || lines;
    DELETE FROM yesterday.compared_table c WHERE c.deployment = id;
    DELETE FROM yesterday.rewritten_table w WHERE w.deployment = id;
    PERFORM yesterday._seal_shadows(id);
    UPDATE yesterday.deployment d
    SET status = 'finished', finished_at = clock_timestamp(), proof = new_proof,
        proof_figures = figures, report = lines,
        exact_digest = CASE WHEN (SELECT s.registry FROM yesterday._setting() s) IS NOT NULL THEN yesterday._exact_digest(id) END
    WHERE d.id = id;
    PERFORM yesterday._set_desired(yesterday._desired_artifacts() || d.artifacts, 'deployment', id, NULL, NULL)
    FROM yesterday.deployment d WHERE d.id = id AND d.artifacts IS NOT NULL;
    PERFORM yesterday._log('finish', id, NULL, jsonb_build_object('proof', new_proof, 'figures', figures));
    PERFORM yesterday._invalidate();
    IF found.scope = 'transaction' THEN
        PERFORM yesterday._mark_finished();
    END IF;
    RETURN QUERY SELECT * FROM yesterday._report_rows(lines);
END
$function$;
COMMENT ON FUNCTION yesterday._finish(bigint) IS 'finish_deployment() as the owner of the extension';
REVOKE ALL ON FUNCTION yesterday._finish(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._finish(bigint) TO yesterday_deployer;

