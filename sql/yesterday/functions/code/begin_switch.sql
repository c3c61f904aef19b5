-- Begins an attempt to switch the code: what should run, and what may still run and should not.
CREATE FUNCTION yesterday.begin_switch(lease bigint)
RETURNS TABLE (attempt bigint, generation bigint, confirmed boolean, artifacts jsonb, gone jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    PERFORM yesterday._require_lease(lease);
    SELECT g.generation, g.confirmed_at IS NOT NULL, g.artifacts INTO generation, confirmed, artifacts
    FROM yesterday.code_generation g ORDER BY g.generation DESC LIMIT 1;
    IF generation IS NULL THEN
        RETURN;
    END IF;
    -- whatever was wanted since the last time that somebody knew what runs
    SELECT coalesce(jsonb_object_agg(k.key, k.value), '{}') INTO gone
    FROM (SELECT DISTINCT ON (e.key) e.key, e.value
          FROM yesterday.code_generation g CROSS JOIN LATERAL jsonb_each(g.artifacts) e
          WHERE g.generation >= coalesce((SELECT max(c.generation) FROM yesterday.code_generation c
                                          WHERE c.confirmed_at IS NOT NULL AND c.generation < generation), 0)
            AND NOT artifacts ? e.key
          ORDER BY e.key, g.generation DESC) k;
    INSERT INTO yesterday.switch_attempt AS t (generation, lease, holder)
    SELECT generation, lease, l.holder FROM yesterday.switch_lease l WHERE l.lease = lease
    RETURNING t.id INTO attempt;
    RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION yesterday.begin_switch(bigint) IS 'begins an attempt to switch the code; returns what should run and what should not any more';
REVOKE ALL ON FUNCTION yesterday.begin_switch(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.begin_switch(bigint) TO yesterday_deployer, yesterday_operator;

