-- yesterday._build_inverse(deployment): manufactures the inverse DDL of a deployment from its two
-- images, and keeps it readable in yesterday.inverse_step.
CREATE FUNCTION yesterday._build_inverse(deployment bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    DELETE FROM yesterday.inverse_step s WHERE s.deployment = $1 AND s.rollback IS NULL;
    IF NOT EXISTS (SELECT FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before') THEN
        RETURN;                         -- no DDL, no image
    END IF;
    PERFORM yesterday._plan_nodes($1, 'after');
    PERFORM yesterday._plan_inverse($1, 'after');
    INSERT INTO yesterday.inverse_step
        (deployment, ordinal, phase, owner, command, fallback, reads, subject, outcome, kind, identity)
    SELECT $1, row_number() OVER (), s.phase_of_step, s.owner, s.command, s.fallback, s.reads, s.subject, s.outcome,
           s.kind, s.identity
    FROM yesterday._plan_steps($1, 'after') s;
END
$function$;
COMMENT ON FUNCTION yesterday._build_inverse(bigint) IS 'internal: manufactures the inverse DDL of a deployment';
REVOKE ALL ON FUNCTION yesterday._build_inverse(bigint) FROM PUBLIC;

