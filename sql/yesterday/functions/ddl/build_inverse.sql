-- yesterday._build_inverse(deployment): manufactures the inverse DDL of a deployment from its two
-- images, and keeps it readable in yesterday.inverse_step. Renames are run to see the rest under the names
-- of before, and undone.
CREATE FUNCTION yesterday._build_inverse(deployment bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    steps jsonb;
    refusals jsonb;
    rewritten oid[];
BEGIN
    DELETE FROM yesterday.rewritten_table w WHERE w.deployment = $1;
    DELETE FROM yesterday.inverse_step s WHERE s.deployment = $1 AND s.rollback IS NULL;
    DELETE FROM yesterday.ddl_refusal r WHERE r.deployment = $1 AND r.kind <> 'truncate';
    IF NOT EXISTS (SELECT FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before') THEN
        RETURN;                         -- no DDL, no image
    END IF;
    BEGIN
        PERFORM yesterday._internal(true);      -- until the subtransaction is undone
        PERFORM yesterday._plan_inverse($1, 'after');
        SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.ordinal), '[]') INTO steps
        FROM yesterday.inverse_step s WHERE s.deployment = $1 AND s.rollback = -1;
        SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO refusals FROM yesterday.ddl_refusal r
        WHERE r.deployment = $1 AND r.kind <> 'truncate';
        -- what the proof sees through: tables that it writes anew, but for those whose rows it puts back one by one
        SELECT array_agg(DISTINCT p.objid) INTO rewritten
        FROM yesterday.plan_node p
        WHERE p.deployment = $1
          AND (p.kind = 'table' AND p.objid = p.bobjid
               AND (p.action = 'rebuild' OR p.now_def -> 'persistence' IS DISTINCT FROM p.goal_def -> 'persistence'
                    OR p.now_def -> 'access_method' IS DISTINCT FROM p.goal_def -> 'access_method')
               OR p.kind = 'column' AND p.action = 'alter' AND p.now_def -> 'type' <> p.goal_def -> 'type')
          AND EXISTS (SELECT FROM pg_class r WHERE r.oid = p.objid AND r.relkind = 'r')
          AND NOT EXISTS (SELECT FROM yesterday.captured_table c WHERE c.deployment = $1 AND c.relid = p.objid);
        RAISE EXCEPTION 'the plan is made' USING ERRCODE = 'YDUND', DETAIL = 'Internal to the plan.', HINT = 'None.';
    EXCEPTION WHEN SQLSTATE 'YDUND' THEN
        NULL;                           -- renames are undone; the plan is in the variables
    END;
    INSERT INTO yesterday.inverse_step
        (deployment, ordinal, phase, owner, command, fallback, reads, refers, within, subject, outcome, kind, identity)
    SELECT $1, r.ordinal, r.phase, r.owner, r.command, r.fallback, r.reads, r.refers, r.within, r.subject, r.outcome, r.kind, r.identity
    FROM jsonb_populate_recordset(NULL::yesterday.inverse_step, steps) r;
    INSERT INTO yesterday.rewritten_table (deployment, relid) SELECT $1, r FROM unnest(rewritten) r;
    INSERT INTO yesterday.ddl_refusal SELECT * FROM jsonb_populate_recordset(NULL::yesterday.ddl_refusal, refusals);
END
$function$;
COMMENT ON FUNCTION yesterday._build_inverse(bigint) IS 'internal: manufactures the inverse DDL of a deployment';
REVOKE ALL ON FUNCTION yesterday._build_inverse(bigint) FROM PUBLIC;

