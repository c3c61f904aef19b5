-- Takes over what a target says of itself: it is the authority on its own state and its own history. A rollback
-- typed in psql is noticed here, and a registry that was restored from an older backup learns what it has forgotten.
-- A row is what was news. Facts that are older than what is known are not taken over, unless this session
-- holds the lock of the group: then nobody deploys meanwhile, and the target itself was restored.
CREATE FUNCTION train.sync_target(target text, facts jsonb)
RETURNS TABLE (subject text, outcome text, detail text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target;
    group_name text;
    one record;
    is_locked boolean;
    seen bigint;
BEGIN
    IF jsonb_typeof(facts) IS DISTINCT FROM 'object' OR NOT facts ?& '{system_identifier,database_oid,state,position,history}'::text[] THEN
        RAISE EXCEPTION 'these are not the facts of a target'
            USING ERRCODE = 'YD022',
                  DETAIL = 'Wanted is the object that yesterday.train_facts() returns.',
                  HINT = 'Run SELECT yesterday.train_facts(); in the target, and hand over what it returns.';
    END IF;
    PERFORM train._begin_write('sync_target()');
    entry := train._target(target);
    SELECT g.name INTO group_name FROM train.target_group g WHERE g.id = entry.group_id;
    IF (facts->>'system_identifier')::bigint <> entry.system_identifier OR (facts->>'database_oid')::oid <> entry.database_oid THEN
        RAISE EXCEPTION 'the database behind target "%" is another one', target
            USING ERRCODE = 'YDT08',
                  DETAIL = format('Registered is system identifier %s, database OID %s; this one is %s, %s ("%s").', entry.system_identifier,
                                  entry.database_oid, facts->>'system_identifier', facts->>'database_oid', facts->>'database'),
                  HINT = format('If it was restored or upgraded: SELECT train.identify_target(%L, %s, %s, %L, ''why''); else mend its connection string.',
                                target, facts->>'system_identifier', facts->>'database_oid', facts->>'database');
    END IF;
    is_locked := train._group_lock_pid(entry.group_id) IS NOT DISTINCT FROM pg_backend_pid();
    IF train._position_older(facts->>'position', entry.state_position) AND NOT is_locked THEN
        RETURN QUERY SELECT format('target %s', target), 'not taken over'::text,
            format('it stood at %s when last seen, and these facts are of %s; if the target was restored, take the lock of the group first',
                   entry.state_position, facts->>'position');
        RETURN;
    END IF;

    IF (entry.state, entry.state_reason, entry.state_since) IS DISTINCT FROM
       (facts->>'state', facts->>'reason', (facts->>'since')::timestamptz) THEN
        PERFORM train._log('target_state', group_name, target, facts->>'reason', jsonb_build_object(
            'was', entry.state, 'is', facts->>'state', 'since', facts->>'since', 'set_by', facts->>'set_by'));
        RETURN QUERY SELECT format('target %s', target), train._state_words(facts->>'state'), facts->>'reason';
    END IF;
    IF entry.alignment IS DISTINCT FROM facts->>'alignment' THEN
        PERFORM train._log('target_alignment', group_name, target, NULL, jsonb_build_object('was', entry.alignment, 'is', facts->>'alignment'));
        RETURN QUERY SELECT format('target %s', target), 'alignment'::text, facts->>'alignment';
    END IF;
    UPDATE train.target t
    SET state = facts->>'state', state_reason = facts->>'reason', state_since = (facts->>'since')::timestamptz, state_by = facts->>'set_by',
        state_position = facts->>'position', alignment = facts->>'alignment', version = facts->>'version',
        dedicated = coalesce((facts->>'dedicated')::boolean, t.dedicated), last_contact = clock_timestamp()
    WHERE t.id = entry.id;

    -- its history: of several deployments that brought a patch the last one counts
    FOR one IN
        WITH brought AS (
            SELECT (h->>'id')::bigint AS deployment, h->>'kind' AS kind, h->>'status' AS status, h->>'portable' AS portable, h->>'exact' AS exact,
                   d.digest
            FROM jsonb_array_elements(facts->'history') h
            CROSS JOIN LATERAL (
                SELECT h->>'digest' AS digest WHERE h->>'kind' <> 'realignment'
                UNION ALL
                SELECT c->>'digest' FROM jsonb_array_elements(CASE WHEN jsonb_typeof(h->'covers') = 'array' THEN h->'covers' END) c
                WHERE h->>'kind' = 'realignment') d
            WHERE h->>'status' IN ('finished', 'rolled_back')
        ), newest AS (
            SELECT DISTINCT ON (p.ordinal) p.ordinal, p.name, b.*
            FROM brought b JOIN train.patch p ON p.group_id = entry.group_id AND p.digest = b.digest
            ORDER BY p.ordinal, b.deployment DESC
        )
        SELECT n.ordinal, n.name, n.deployment, n.portable, n.exact, a.status AS was,
               CASE WHEN n.status = 'rolled_back' THEN 'rolled_back' WHEN n.kind = 'realignment' THEN 'realigned' ELSE 'applied' END AS status,
               a.deployment AS was_deployment
        FROM newest n LEFT JOIN train.application a ON a.target_id = entry.id AND a.ordinal = n.ordinal
        ORDER BY n.ordinal
    LOOP
        -- a run is at it, and says so when it is done
        CONTINUE WHEN one.was = 'applying' AND one.status = 'rolled_back' AND one.was_deployment IS DISTINCT FROM one.deployment;
        CONTINUE WHEN NOT train._set_application(entry.id, one.ordinal, one.status, one.deployment, NULL, NULL,
                                                 CASE WHEN one.status = 'applied' THEN one.portable END,
                                                 CASE WHEN one.status = 'applied' THEN one.exact END, NULL);
        CONTINUE WHEN one.was IS NOT DISTINCT FROM one.status AND one.was_deployment IS NOT DISTINCT FROM one.deployment;
        PERFORM train._log(one.status, group_name, target, NULL, jsonb_build_object(
            'ordinal', one.ordinal, 'patch', one.name, 'was', one.was, 'deployment', one.deployment, 'found', 'in the history of the target'));
        RETURN QUERY SELECT format('patch %s "%s"', one.ordinal, one.name), replace(one.status, '_', ' '),
                            format('deployment %s of the target; it was %s', one.deployment, replace(coalesce(one.was, 'pending'), '_', ' '));
    END LOOP;

    -- what the registry has and the history has not: the target was restored from an older backup
    FOR one IN
        SELECT a.ordinal, a.deployment, a.status, p.name
        FROM train.application a JOIN train.patch p ON p.group_id = entry.group_id AND p.ordinal = a.ordinal
        WHERE a.target_id = entry.id AND a.status IN ('applied', 'realigned', 'rolled_back') AND a.deployment IS NOT NULL
          AND NOT EXISTS (SELECT FROM jsonb_array_elements(facts->'history') h WHERE (h->>'id')::bigint = a.deployment)
        ORDER BY a.ordinal
    LOOP
        IF is_locked THEN
            PERFORM train._set_application(entry.id, one.ordinal, 'missed', NULL, NULL, NULL, NULL, NULL,
                                           format('deployment %s is not in its history any more', one.deployment));
            PERFORM train._log('missed', group_name, target, NULL, jsonb_build_object(
                'ordinal', one.ordinal, 'patch', one.name, 'was', one.status, 'deployment', one.deployment, 'found', 'not in the history of the target any more'));
        END IF;
        RETURN QUERY SELECT format('patch %s "%s"', one.ordinal, one.name),
            CASE WHEN is_locked THEN 'missed' ELSE 'not in its history' END,
            format('deployment %s was %s, and the target does not know it: it was restored from an older backup', one.deployment, replace(one.status, '_', ' '))
            || CASE WHEN is_locked THEN '' ELSE '; take the lock of the group to enter that' END;
    END LOOP;

    PERFORM train._note_forgotten(entry, group_name, facts->'history');
    -- bundles that are on no train here, each told once: deployed beside it, or forgotten by a registry that was restored
    SELECT max((h->>'id')::bigint) INTO seen FROM jsonb_array_elements(facts->'history') h;
    RETURN QUERY
        SELECT format('deployment %s "%s"', h->>'id', h->>'name'), CASE WHEN f.ordinal IS NULL THEN 'not on the train' ELSE 'forgotten' END,
               CASE WHEN f.ordinal IS NULL THEN format('its bundle has digest %s; if the registry has forgotten that patch: yesterday train release, in SQL train.release_patch()', h->>'digest')
                    ELSE format('it is patch %s of the group; put it back on the train: yesterday train release BUNDLE --group %s', f.ordinal, train._word(group_name)) END
        FROM jsonb_array_elements(facts->'history') h
        LEFT JOIN train.forgotten_patch f ON f.group_id = entry.group_id AND f.ordinal = (h->'patch'->>'ordinal')::integer AND f.digest = h->>'digest'
        WHERE h->>'digest' IS NOT NULL AND h->>'kind' <> 'realignment' AND h->>'status' IN ('finished', 'rolled_back') AND (h->>'id')::bigint > entry.history_seen
          AND NOT EXISTS (SELECT FROM train.patch p WHERE p.group_id = entry.group_id AND p.digest = h->>'digest')
        ORDER BY (h->>'id')::bigint;
    UPDATE train.target t SET history_seen = coalesce(seen, 0) WHERE t.id = entry.id AND t.history_seen <> coalesce(seen, 0);
END
$function$;
COMMENT ON FUNCTION train.sync_target(text, jsonb) IS 'takes over what a target says of itself; one row a change';
REVOKE ALL ON FUNCTION train.sync_target(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.sync_target(text, jsonb) TO yesterday_deployer, yesterday_operator;

