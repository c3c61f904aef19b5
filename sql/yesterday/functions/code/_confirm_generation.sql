-- Confirms a generation, if it is still the newest: compare and set.
CREATE FUNCTION yesterday._confirm_generation(generation bigint, how text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    UPDATE yesterday.code_generation g
    SET confirmed_at = clock_timestamp(), confirmed_by = session_user, confirmed_role = yesterday._caller(), confirmed_how = how
    WHERE g.generation = generation AND g.confirmed_at IS NULL
      AND NOT EXISTS (SELECT FROM yesterday.code_generation n WHERE n.generation > g.generation);
    IF FOUND THEN
        PERFORM yesterday._log('code_confirmed', (SELECT g.deployment FROM yesterday.code_generation g WHERE g.generation = generation),
                               how, jsonb_build_object('generation', generation));
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT FROM yesterday.code_generation g
                   WHERE g.generation = generation AND g.confirmed_at IS NOT NULL
                     AND NOT EXISTS (SELECT FROM yesterday.code_generation n WHERE n.generation > g.generation));
END
$function$;
COMMENT ON FUNCTION yesterday._confirm_generation(bigint, text) IS 'confirms a generation if it is still the newest';
REVOKE ALL ON FUNCTION yesterday._confirm_generation(bigint, text) FROM PUBLIC;

