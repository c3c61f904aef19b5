-- The decision of an atomic run, once and for all. It has to be committed before the first COMMIT PREPARED:
-- after a crash it says what the rest gets.
CREATE FUNCTION train.decide(run bigint, decision text, reason text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.run;
BEGIN
    IF decision IS NULL OR decision NOT IN ('commit', 'rollback') THEN
        RAISE EXCEPTION 'decision => % is not known', coalesce(quote_literal(decision), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'What is prepared is committed or rolled back.',
                  HINT = 'Use ''commit'' or ''rollback''.';
    END IF;
    entry := train._locked_run(run, 'decide()');
    RETURN train._decide(entry, decision, reason);
END
$function$;
COMMENT ON FUNCTION train.decide(bigint, text, text) IS 'decides an atomic run; returns the decision that holds, which is the first';
REVOKE ALL ON FUNCTION train.decide(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.decide(bigint, text, text) TO yesterday_deployer, yesterday_operator;

