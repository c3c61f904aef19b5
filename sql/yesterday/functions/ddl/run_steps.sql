-- yesterday._run_steps(deployment, rollback, phase, since): runs the planned steps of one phase that come after the
-- ordinal "since". Of a rollback that is only foreseen it tells them.
CREATE FUNCTION yesterday._run_steps(deployment bigint, rollback bigint, phase text, since integer DEFAULT 0)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    step record;
    failure text;
    temporary jsonb[];
    something_held boolean := false;     -- here, or while the plan was made
    is_abandoned boolean := yesterday._is_abandonment($2);
BEGIN
    FOR step IN
        SELECT s.* FROM yesterday.inverse_step s
        WHERE s.deployment = $1 AND s.rollback = $2 AND s.phase = $3 AND s.ordinal > $4 ORDER BY s.ordinal
    LOOP
        subject := step.subject;
        outcome := step.outcome;
        rows := NULL;
        detail := yesterday._shown_command(step.kind, step.command);
        IF step.done OR yesterday._is_foreseen($2) THEN
            RETURN NEXT;
            CONTINUE;
        END IF;
        something_held := something_held OR EXISTS (SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1)
                          -- what nobody has accepted ends an abandonment, which would leave half of it
                          OR EXISTS (SELECT FROM yesterday.ddl_refusal r JOIN yesterday.deployment d ON d.id = r.deployment
                                     WHERE r.deployment = $1 AND r.kind <> 'truncate'
                                       AND (d.accept_irreversible OR d.status <> 'open'));
        temporary := NULL;
        LOOP
        -- one subtransaction a step: its end goes over all that the session knows of tables, and there are thousands of steps
        BEGIN
            PERFORM yesterday._run_step(step.owner, step.command, step.reads, step.refers, step.within);
            RETURN QUERY SELECT d ->> 'subject', d ->> 'outcome', NULL::bigint, d ->> 'detail' FROM unnest(temporary) d;
        EXCEPTION
            -- what rows can make impossible; anything else is a fault and ends the rollback
            WHEN not_null_violation OR check_violation OR unique_violation OR foreign_key_violation
                 OR exclusion_violation OR data_exception THEN
                GET STACKED DIAGNOSTICS failure = MESSAGE_TEXT;
                IF step.kind IN ('table', 'column', 'enum', 'composite type', 'domain', 'range') AND $3 = 'structure' THEN
                    RAISE EXCEPTION 'held back' USING ERRCODE = 'YDHLD', HINT = 'Internal to the rollback.',
                        DETAIL = (SELECT jsonb_agg(w || jsonb_build_object('subject', step.subject))
                                  FROM jsonb_array_elements(yesterday._what_to_hold($1, step.kind, step.identity, step.owner, failure)) w)::text;
                END IF;
                failure := yesterday._without_value(failure);
                something_held := true;
                outcome := 'held back';
                detail := format('%s: %s', yesterday._shown_command(step.kind, step.command), failure);
                IF step.fallback IS NOT NULL THEN
                    PERFORM yesterday._run_step(step.owner, step.fallback, step.reads, step.refers, step.within);
                    detail := format('%s; came back NOT VALID', failure);
                END IF;
            -- of the class of object_not_in_prerequisite_state, but somebody who waits or forces deals with it
            WHEN lock_not_available THEN
                RAISE;
            -- what was held back can stand in the way of what needs it
            WHEN syntax_error_or_access_rule_violation OR dependent_objects_still_exist OR object_not_in_prerequisite_state
                 OR feature_not_supported OR invalid_schema_name THEN
                IF temporary IS NULL AND SQLSTATE IN ('2BP01', '0A000') THEN
                    temporary := ARRAY(SELECT to_jsonb(d) FROM yesterday._drop_temporary($1, step.kind, step.identity) d);
                    CONTINUE WHEN temporary <> '{}';
                END IF;
                GET STACKED DIAGNOSTICS failure = MESSAGE_TEXT;
                -- a right can be given; else nothing is left to whoever abandons a deployment: that object, or type, stays as deployed
                IF is_abandoned AND SQLSTATE <> '42501' AND $3 = 'structure' THEN
                    RAISE EXCEPTION 'held back' USING ERRCODE = 'YDHLD', HINT = 'Internal to the rollback.',
                        DETAIL = yesterday._objects_to_hold($1, step.kind, step.identity, step.subject,
                            format('%s. Command, as role %s: %s', failure, step.owner, yesterday._shown_command(step.kind, step.command)))::text;
                ELSIF NOT something_held AND (NOT is_abandoned OR SQLSTATE = '42501') THEN
                    RAISE EXCEPTION 'the rollback cannot bring back %', step.subject
                        USING ERRCODE = 'YD016', DETAIL = format('%s. Command, as role %s: %s', failure, step.owner, yesterday._shown_command(step.kind, step.command)),
                              HINT = CASE WHEN SQLSTATE = '42501' THEN
                                  format('Give role %s the right to run it%s, or leave the change out of the deployment.', step.owner,
                                         CASE WHEN to_regnamespace(quote_ident(step.within)) IS NOT NULL AND NOT has_schema_privilege(step.owner, step.within, 'USAGE')
                                              THEN format(': GRANT USAGE ON SCHEMA %I TO %I', step.within, step.owner) END)
                                  ELSE format('See to it that the command can run; yesterday.inverse_ddl shows all of them. One that is still open can be abandoned: SELECT * FROM yesterday.abandon_deployment(%1$s); undoes all the rest and names what stays. Or a yesterday_admin keeps it: SET yesterday.proof = ''off''; SELECT * FROM yesterday.finish_deployment(%1$s);', $1) END;
                END IF;
                outcome := 'held back';
                detail := format('%s: %s', yesterday._shown_command(step.kind, step.command), failure);
                IF is_abandoned AND step.fallback IS NOT NULL THEN
                    BEGIN
                        PERFORM yesterday._run_step(step.owner, step.fallback, step.reads, step.refers, step.within);
                        detail := format('%s; came back NOT VALID', failure);
                    EXCEPTION WHEN syntax_error_or_access_rule_violation OR object_not_in_prerequisite_state OR feature_not_supported THEN
                        NULL;
                    END;
                END IF;
        END;
        EXIT;
        END LOOP;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._run_steps(bigint, bigint, text, integer) IS 'internal: runs planned steps of inverse DDL';
REVOKE ALL ON FUNCTION yesterday._run_steps(bigint, bigint, text, integer) FROM PUBLIC;

-- yesterday._is_abandonment(rollback): a rollback of a deployment that has not finished: nobody has proven it, and there is no other way back.
CREATE FUNCTION yesterday._is_abandonment(rollback bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (SELECT FROM yesterday.rollback r JOIN yesterday.deployment d ON d.id = r.deployment WHERE r.id = $1 AND d.status = 'open')
$function$;
COMMENT ON FUNCTION yesterday._is_abandonment(bigint) IS 'internal: a rollback of a deployment that has not finished';
REVOKE ALL ON FUNCTION yesterday._is_abandonment(bigint) FROM PUBLIC;
