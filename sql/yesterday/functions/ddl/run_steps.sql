-- yesterday._run_steps(deployment, rollback, phase): runs the planned steps of one phase.
CREATE FUNCTION yesterday._run_steps(deployment bigint, rollback bigint, phase text)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    step record;
    failure text;
    something_held boolean := false;     -- here, or while the plan was made
BEGIN
    FOR step IN
        SELECT s.* FROM yesterday.inverse_step s
        WHERE s.deployment = $1 AND s.rollback = $2 AND s.phase = $3 ORDER BY s.ordinal
    LOOP
        subject := step.subject;
        outcome := step.outcome;
        rows := NULL;
        detail := step.command;
        IF step.done THEN
            RETURN NEXT;
            CONTINUE;
        END IF;
        something_held := something_held OR EXISTS (SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1);
        BEGIN
            PERFORM yesterday._execute_reading(step.owner, step.command, step.reads);
        EXCEPTION
            -- what rows can make impossible; anything else is a fault and ends the rollback
            WHEN not_null_violation OR check_violation OR unique_violation OR foreign_key_violation
                 OR exclusion_violation OR data_exception THEN
                GET STACKED DIAGNOSTICS failure = MESSAGE_TEXT;
                -- without the value: a report shows rows to nobody
                failure := regexp_replace(regexp_replace(failure, ': ".*"$', ''), '".*" (?=is out of range)', '');
                IF step.kind IN ('table', 'column', 'enum', 'composite type') AND $3 = 'structure' THEN
                    RAISE EXCEPTION 'held back' USING ERRCODE = 'YDHLD', HINT = 'Internal to the rollback.',
                        -- a type that is made anew stays as a whole
                        DETAIL = jsonb_build_object('detail', failure, 'identity', coalesce(
                            (SELECT a.identity FROM yesterday.plan_aside a
                             JOIN yesterday.plan_node p ON p.deployment = $1 AND p.goal_identity = step.identity
                                                       AND p.kind = step.kind
                             WHERE a.deployment = $1 AND strpos(p.now_def::text, a.aside) > 0 LIMIT 1),
                            step.identity))::text;
                END IF;
                something_held := true;
                outcome := 'held back';
                detail := format('%s: %s', step.command, failure);
                IF step.fallback IS NOT NULL THEN
                    PERFORM yesterday._execute_as(step.owner, step.fallback);
                    detail := format('%s; came back NOT VALID', failure);
                END IF;
            -- of the class of object_not_in_prerequisite_state, but somebody who waits or forces deals with it
            WHEN lock_not_available THEN
                RAISE;
            -- what was held back can stand in the way of what needs it
            WHEN syntax_error_or_access_rule_violation OR dependent_objects_still_exist OR object_not_in_prerequisite_state
                 OR feature_not_supported OR invalid_schema_name THEN
                IF NOT something_held THEN
                    GET STACKED DIAGNOSTICS failure = MESSAGE_TEXT;
                    RAISE EXCEPTION 'the rollback cannot bring back %', step.subject
                        USING ERRCODE = 'YD016', DETAIL = format('%s. Command, as role %s: %s', failure, step.owner, step.command),
                              HINT = CASE WHEN SQLSTATE = '42501' THEN
                                  format('Give role %s the right to run it (for a schema: GRANT CREATE ON SCHEMA ... TO %s), or leave the change out of the deployment.', step.owner, quote_ident(step.owner))
                                  ELSE format('See to it that the command can run; yesterday.inverse_ddl shows all of them. A deployment that is still open a yesterday_admin can keep instead: SET yesterday.proof = ''off''; SELECT * FROM yesterday.finish_deployment(%s);', $1) END;
                END IF;
                GET STACKED DIAGNOSTICS failure = MESSAGE_TEXT;
                outcome := 'held back';
                detail := format('%s: %s', step.command, failure);
        END;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._run_steps(bigint, bigint, text) IS 'internal: runs planned steps of inverse DDL';
REVOKE ALL ON FUNCTION yesterday._run_steps(bigint, bigint, text) FROM PUBLIC;

-- yesterday._execute_reading(owner, command, reads): runs a command as a role that may read these copies
-- in yesterday_shadow while it runs, and never otherwise: nobody else sees the grant, which is
-- taken back in the same transaction.
CREATE FUNCTION yesterday._execute_reading(owner name, command text, reads name[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    shadow name;
BEGIN
    IF has_schema_privilege(owner, 'yesterday_shadow', 'USAGE') THEN
        reads := '{}';                  -- the extension's owner, or another superuser
    END IF;
    IF reads <> '{}' THEN
        FOREACH shadow IN ARRAY reads LOOP
            PERFORM yesterday._grant_shadow(shadow, owner, true);
        END LOOP;
    END IF;
    PERFORM yesterday._execute_as(owner, command);
    IF reads <> '{}' THEN
        FOREACH shadow IN ARRAY reads LOOP
            PERFORM yesterday._grant_shadow(shadow, owner, false);
        END LOOP;
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._execute_reading(name, text, name[]) IS 'internal: runs a command that reads saved rows';
REVOKE ALL ON FUNCTION yesterday._execute_reading(name, text, name[]) FROM PUBLIC;

