-- yesterday._apply_inverse(deployment, rollback, phase): runs one phase of the inverse DDL, each command as
-- the owner of its object. The plan is made afresh from what the database is now: what is
-- already as before is left alone, and what others did since stays.
--
-- Rows written since can make a step impossible. A constraint or index that they break comes back NOT VALID, or
-- not at all; a type that they no longer fit stays as deployed: that attempt is undone and the next one
-- plans without it, until the rows are back (_apply_held()). The report names each.
--
-- For a rollback that is only foreseen nothing runs but the plan, and nothing is locked: what rows make impossible is not seen.
CREATE FUNCTION yesterday._apply_inverse(deployment bigint, rollback bigint, phase text)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    lines jsonb;
    held jsonb := '[]';
    failed record;
    failure text;
    what text;
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before') THEN
        RETURN;
    END IF;
    IF $3 = 'constraint' THEN
        RETURN QUERY SELECT * FROM yesterday._run_steps($1, $2, $3);
        RETURN;
    END IF;

    IF NOT yesterday._is_foreseen($2) THEN
        PERFORM yesterday._lock_ddl_tables($1, NULL);
    END IF;
    DELETE FROM yesterday.inverse_step s WHERE s.deployment = $1 AND s.rollback = $2;
    LOOP
        DELETE FROM yesterday.plan_hold h WHERE h.deployment = $1;
        INSERT INTO yesterday.plan_hold (deployment, identity, detail, failure, object)
        SELECT $1, h ->> 'identity', CASE WHEN h ? 'object' THEN h ->> 'detail' END, CASE WHEN NOT h ? 'object' THEN h ->> 'detail' END, h ? 'object'
        FROM jsonb_array_elements(held) h;
        BEGIN
            PERFORM yesterday._take_image($1, 'now');
            PERFORM yesterday._follow_indexes($1, 'now');
            PERFORM yesterday._plan_inverse($1, 'now', $2);
            SELECT coalesce(jsonb_agg(to_jsonb(k)), '[]') INTO lines FROM yesterday._keep_dropped($1, $2) k;
            SELECT lines || coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO lines FROM yesterday._run_steps($1, $2, $3) r;
            EXIT;
        EXCEPTION WHEN SQLSTATE 'YDHLD' THEN
            GET STACKED DIAGNOSTICS failure = PG_EXCEPTION_DETAIL;
            what := failure::jsonb #>> '{0,identity}';
            -- [{what is to be held back, why, for which step}]
            IF NOT EXISTS (SELECT FROM jsonb_array_elements(failure::jsonb) f
                           WHERE NOT held @> jsonb_build_array(f - '{detail,subject}'::text[])) THEN
                -- it helps nothing: an abandonment leaves the object as a whole
                failure := jsonb_build_array(jsonb_build_object('object', true, 'identity', failure::jsonb #> '{0,subject}',
                                                                'detail', failure::jsonb #> '{0,detail}'))::text;
                IF NOT yesterday._is_abandonment($2) OR failure::jsonb #>> '{0,identity}' IS NULL
                   OR held @> jsonb_build_array(failure::jsonb #> '{0}' - 'detail') THEN
                    RAISE EXCEPTION 'the rollback cannot bring back %', what
                        USING ERRCODE = 'YD016', DETAIL = failure::jsonb #>> '{0,detail}',
                              HINT = format('Change the rows that the detail names, then run the rollback again. A deployment that is still open a yesterday_admin can keep instead: SET yesterday.proof = ''off''; SELECT * FROM yesterday.finish_deployment(%s);', $1);
                END IF;
            END IF;
            held := held || failure::jsonb;
        END;
    END LOOP;
    PERFORM yesterday._hold_rows($1);
    RETURN QUERY
    SELECT l ->> 'subject', l ->> 'outcome', (l ->> 'rows')::bigint, l ->> 'detail' FROM jsonb_array_elements(lines) l
    UNION ALL
    SELECT h.identity, 'held back', NULL, format('stays as deployed: %s', h.detail)
    FROM yesterday.plan_hold h WHERE h.deployment = $1 AND h.detail IS NOT NULL AND (h.met OR NOT h.object)
    UNION ALL
    -- what has turned out to have no inverse any more; what had none when it was deployed has been accepted then
    SELECT format('%s %s', p.kind, coalesce(p.now_identity, p.goal_identity)), 'held back', NULL, format('stays as deployed: %s', p.refusal)
    FROM yesterday.plan_node p JOIN yesterday.deployment d ON d.id = p.deployment AND d.status = 'finished'
    WHERE p.deployment = $1 AND p.refusal IS NOT NULL AND p.reason = 'deployment'
      AND NOT EXISTS (SELECT FROM yesterday._report_rows(d.report) r
                      WHERE r.outcome = 'residue' AND r.subject IN (format('%s %s', p.kind, p.now_identity), format('%s %s', p.kind, p.goal_identity)))
    UNION ALL
    SELECT format('index %s', b.identity), 'not brought back', NULL,
           'it was invalid before the deployment, as a CREATE INDEX CONCURRENTLY that fails leaves one, and no command makes such an index'
    FROM yesterday.schema_object b
    WHERE b.deployment = $1 AND b.phase = 'before' AND b.kind = 'index' AND yesterday._is_broken(b.definition)
      AND EXISTS (SELECT FROM yesterday._image_differences($1) x WHERE x.owned AND x.classid = b.classid AND x.bobjid = b.objid
                    AND NOT EXISTS (SELECT FROM yesterday.schema_object a WHERE a.deployment = $1 AND a.phase = 'after'
                                      AND a.classid = x.classid AND a.objid = x.aobjid AND a.definition ? 'valid'));
END
$function$;
COMMENT ON FUNCTION yesterday._apply_inverse(bigint, bigint, text) IS 'internal: runs a phase of the inverse DDL';
REVOKE ALL ON FUNCTION yesterday._apply_inverse(bigint, bigint, text) FROM PUBLIC;

-- yesterday._is_foreseen(rollback): the rollback is planned for a preview, which undoes the plan.
CREATE FUNCTION yesterday._is_foreseen(rollback bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT rollback = -2
$function$;
COMMENT ON FUNCTION yesterday._is_foreseen(bigint) IS 'internal: a rollback that is only foreseen';
REVOKE ALL ON FUNCTION yesterday._is_foreseen(bigint) FROM PUBLIC;

