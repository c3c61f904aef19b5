-- yesterday._plan_inverse(deployment, phase): plans the way from the image "phase" back to before.
-- The plan is left in the workspace; its steps are what _plan_steps() returns.
CREATE FUNCTION yesterday._plan_inverse(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM yesterday._plan_goals($1, $2);
    PERFORM yesterday._plan_columns($1, $2);
    PERFORM yesterday._plan_closure($1, $2);
    UPDATE yesterday.plan_node p SET refusal = format('it was changed in a way that has no inverse (%s)',
            (SELECT string_agg(k, ', ') FROM (SELECT jsonb_object_keys(p.now_def) AS k
                                              UNION SELECT jsonb_object_keys(p.goal_def)) u
             WHERE p.now_def -> k IS DISTINCT FROM p.goal_def -> k))
    WHERE p.deployment = $1 AND p.action = 'refuse' AND p.refusal IS NULL;
    UPDATE yesterday.plan_node p SET refusal = 'it was dropped'
    WHERE p.deployment = $1 AND p.action = 'create' AND p.refusal IS NULL
      AND p.kind NOT IN ('schema', 'view', 'materialized view', 'index', 'constraint', 'trigger', 'rule', 'policy',
                         'statistics', 'function', 'procedure', 'aggregate', 'default', 'not null', 'default privileges',
                         'enum', 'composite type', 'domain', 'range', 'sequence', 'table', 'column', 'extension');
    PERFORM yesterday._plan_implied($1, $2);
    PERFORM yesterday._plan_order($1, $2);
END
$function$;
COMMENT ON FUNCTION yesterday._plan_inverse(bigint, text) IS 'internal: plans the inverse DDL of a deployment';
REVOKE ALL ON FUNCTION yesterday._plan_inverse(bigint, text) FROM PUBLIC;

