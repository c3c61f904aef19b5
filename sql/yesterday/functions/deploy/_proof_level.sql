-- The level asked for by yesterday.proof; less than full is an admin's decision.
CREATE FUNCTION yesterday._proof_level(asking name)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    level text;
BEGIN
    -- a session that has called nothing of the library yet does not know its settings
    PERFORM yesterday._in_transaction_scope();
    level := current_setting('yesterday.proof');
    IF level <> 'full' AND NOT pg_has_role(asking, 'yesterday_admin', 'USAGE') THEN
        RAISE EXCEPTION 'permission denied for yesterday.proof = %', level
            USING ERRCODE = '42501',
                  DETAIL = 'A rollback that was not proven does not count; to do without is the decision of a yesterday_admin.',
                  HINT = 'SET yesterday.proof = ''full'', or ask a member of yesterday_admin.';
    END IF;
    RETURN level;
END
$function$;
COMMENT ON FUNCTION yesterday._proof_level(name) IS 'the value of yesterday.proof, if the role may use it';
REVOKE ALL ON FUNCTION yesterday._proof_level(name) FROM PUBLIC;

