-- Takes a runtime away: its artifact is switched by hand from now on.
CREATE FUNCTION yesterday.unset_runtime(artifact text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    DELETE FROM yesterday.runtime r WHERE r.artifact = artifact;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the artifact % has no runtime', coalesce(quote_literal(artifact), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = coalesce('Those that have one: ' || (SELECT string_agg(r.artifact, ', ' ORDER BY r.artifact) FROM yesterday.runtime r) || '.',
                                    'No artifact of this target has one.'),
                  HINT = 'SELECT * FROM yesterday.runtimes;';
    END IF;
    PERFORM yesterday._log('runtime_unset', NULL, NULL, jsonb_build_object('artifact', artifact));
END
$function$;
COMMENT ON FUNCTION yesterday.unset_runtime(text) IS 'takes the runtime of an artifact away';
REVOKE ALL ON FUNCTION yesterday.unset_runtime(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.unset_runtime(text) TO yesterday_admin;

