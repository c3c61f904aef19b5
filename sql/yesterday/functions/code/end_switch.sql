-- Ends an attempt to switch the code. All switched: the generation is confirmed, unless another
-- one is desired by now. Returns what became of the attempt: confirmed, superseded or failed.
CREATE FUNCTION yesterday.end_switch(attempt bigint, switched boolean, report jsonb)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    found record;
    became text;
BEGIN
    SELECT t.* INTO found FROM yesterday.switch_attempt t WHERE t.id = attempt FOR UPDATE;
    IF found.id IS NULL OR found.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'attempt % to switch the code is not in progress', coalesce(attempt::text, 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = CASE WHEN found.id IS NULL THEN 'There is no such attempt.'
                                ELSE format('It ended at %s: %s.', found.ended_at, found.outcome) END,
                  HINT = 'SELECT * FROM yesterday.switch_attempts;';
    END IF;
    PERFORM yesterday._require_lease(found.lease);
    IF NOT switched AND found.generation = (SELECT max(g.generation) FROM yesterday.code_generation g) THEN
        became := 'failed';
        PERFORM yesterday._log('code_failed', (SELECT g.deployment FROM yesterday.code_generation g WHERE g.generation = found.generation),
                               NULL, jsonb_build_object('generation', found.generation, 'report', report));
    ELSIF switched AND yesterday._confirm_generation(found.generation, format('switched by %s', yesterday._shown_holder(found.holder))) THEN
        became := 'confirmed';
    ELSE
        became := 'superseded';
    END IF;
    UPDATE yesterday.switch_attempt t
    SET ended_at = clock_timestamp(), outcome = became, report = report
    WHERE t.id = attempt;
    RETURN became;
END
$function$;
COMMENT ON FUNCTION yesterday.end_switch(bigint, boolean, jsonb) IS 'ends an attempt to switch the code: confirmed, superseded or failed';
REVOKE ALL ON FUNCTION yesterday.end_switch(bigint, boolean, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.end_switch(bigint, boolean, jsonb) TO yesterday_deployer, yesterday_operator;

