-- Says how an artifact is switched on this target. What the settings mean is the driver's matter;
-- the controller refuses what it cannot use before it changes anything.
CREATE FUNCTION yesterday.set_runtime(artifact text, driver text, settings jsonb DEFAULT '{}')
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    IF coalesce(artifact, '') !~ '^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$' THEN
        RAISE EXCEPTION '% is not the name of an artifact', coalesce(quote_literal(artifact), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'It has letters, digits, and dots, hyphens and underscores within.',
                  HINT = 'SELECT yesterday.set_runtime(''api'', ''podman'', ''{"container": "api"}'');';
    END IF;
    IF driver IS NULL OR driver NOT IN ('podman', 'kubernetes', 'symlink', 'command') THEN
        RAISE EXCEPTION 'the driver % is not known', coalesce(quote_literal(driver), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'Drivers are podman, kubernetes, symlink and command.',
                  HINT = 'Whatever else runs code is switched by a program of yours: driver command.';
    END IF;
    IF settings IS NULL OR jsonb_typeof(settings) <> 'object' THEN
        RAISE EXCEPTION 'the settings of a runtime are an object'
            USING ERRCODE = 'YD022',
                  DETAIL = format('Given: %s.', coalesce(settings::text, 'NULL')),
                  HINT = 'SELECT yesterday.set_runtime(''api'', ''podman'', ''{"container": "api"}'');';
    END IF;
    INSERT INTO yesterday.runtime AS r (artifact, driver, settings, set_role)
    VALUES (artifact, driver, settings, yesterday._caller())
    ON CONFLICT ON CONSTRAINT runtime_pkey DO UPDATE
        SET driver = EXCLUDED.driver, settings = EXCLUDED.settings, set_at = EXCLUDED.set_at,
            set_by = EXCLUDED.set_by, set_role = EXCLUDED.set_role;
    PERFORM yesterday._log('runtime_set', NULL, NULL, jsonb_build_object('artifact', artifact, 'driver', driver));
END
$function$;
COMMENT ON FUNCTION yesterday.set_runtime(text, text, jsonb) IS 'says how an artifact is switched on this target';
REVOKE ALL ON FUNCTION yesterday.set_runtime(text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.set_runtime(text, text, jsonb) TO yesterday_admin;

