-- yesterday._apply_inverse(deployment, rollback, phase): runs one phase of the inverse DDL, each command as
-- the owner of its object. The plan is made afresh from what the database is now: what is
-- already as before is left alone, and what others did since stays. A command that rows written since
-- make impossible is held back: its fallback runs, or nothing, and the report names it.
CREATE FUNCTION yesterday._apply_inverse(deployment bigint, rollback bigint, phase text)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    step record;
    failure text;
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before') THEN
        RETURN;
    END IF;
    IF $3 = 'structure' THEN
        DELETE FROM yesterday.inverse_step s WHERE s.deployment = $1 AND s.rollback = $2;
        PERFORM yesterday._take_image($1, 'now');
        PERFORM yesterday._plan_inverse($1, 'now', $2);
    END IF;

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
        BEGIN
            PERFORM yesterday._execute_reading(step.owner, step.command, step.reads);
        EXCEPTION
            -- what rows can make impossible; anything else is a fault and ends the rollback
            WHEN not_null_violation OR check_violation OR unique_violation OR foreign_key_violation
                 OR exclusion_violation OR data_exception THEN
                GET STACKED DIAGNOSTICS failure = MESSAGE_TEXT;
                outcome := 'held back';
                detail := format('%s: %s', step.command, failure);
                IF step.fallback IS NOT NULL THEN
                    PERFORM yesterday._execute_as(step.owner, step.fallback);
                    detail := format('%s; came back NOT VALID', failure);
                END IF;
        END;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._apply_inverse(bigint, bigint, text) IS 'internal: runs a phase of the inverse DDL';
REVOKE ALL ON FUNCTION yesterday._apply_inverse(bigint, bigint, text) FROM PUBLIC;

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

