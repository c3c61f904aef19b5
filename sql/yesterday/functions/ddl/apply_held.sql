-- yesterday._apply_held(deployment, rollback): types, and columns, that the values of some rows did not fit while the
-- structure went back. The deployment's own rows are as before by now: what has a label that it added is gone, or
-- has the value of before again. So they are tried once more, alone. What still does not fit is what others
-- wrote, or rows that are held back, and stays as deployed.
CREATE FUNCTION yesterday._apply_held(deployment bigint, rollback bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    held jsonb := (SELECT coalesce(jsonb_object_agg(h.identity, h.failure), '{}') FROM yesterday.plan_hold h
                   WHERE h.deployment = $1 AND h.failure IS NOT NULL);
    again text[] := '{}';
    since integer := (SELECT coalesce(max(s.ordinal), 0) FROM yesterday.inverse_step s WHERE s.deployment = $1 AND s.rollback = $2);
    lines jsonb := '[]';
    failure text;
BEGIN
    IF EXISTS (SELECT FROM yesterday.captured_table c WHERE c.deployment = $1 AND NOT c.business) THEN
        -- no value stands in the way of an order of columns
        again := ARRAY(SELECT k FROM jsonb_object_keys(held) k WHERE NOT starts_with(k, yesterday._order_of_columns('')));
    END IF;
    WHILE again <> '{}' LOOP
        BEGIN
            DELETE FROM yesterday.plan_hold h WHERE h.deployment = $1 AND h.identity = ANY (again);
            PERFORM yesterday._take_image($1, 'now');
            PERFORM yesterday._plan_inverse($1, 'now', $2, again);
            SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO lines
            FROM (SELECT s.* FROM yesterday._run_steps($1, $2, 'structure', since) s
                  UNION ALL SELECT s.* FROM yesterday._run_steps($1, $2, 'constraint', since) s) r;
            held := held - again;
            EXIT;
        EXCEPTION
            WHEN SQLSTATE 'YDHLD' THEN
                GET STACKED DIAGNOSTICS failure = PG_EXCEPTION_DETAIL;
                again := CASE WHEN EXISTS (SELECT FROM jsonb_array_elements(failure::jsonb) f WHERE f ->> 'identity' = ANY (again))
                         THEN ARRAY(SELECT a FROM unnest(again) a
                                    WHERE NOT failure::jsonb @> jsonb_build_array(jsonb_build_object('identity', a)))
                         ELSE '{}' END;
            -- what stays can stand in the way of what would go
            WHEN SQLSTATE 'YD016' THEN
                again := '{}';
        END;
    END LOOP;
    RETURN QUERY
    SELECT l ->> 'subject', l ->> 'outcome', (l ->> 'rows')::bigint, l ->> 'detail' FROM jsonb_array_elements(lines) l
    UNION ALL
    SELECT h.key, 'held back', NULL, format('stays as deployed: %s', h.value) FROM jsonb_each_text(held) h
    UNION ALL
    -- what stood in the way of one that was tried again, and not before
    SELECT format('%s %s', p.kind, coalesce(p.now_identity, p.goal_identity)), 'held back', NULL, format('stays as deployed: %s', p.refusal)
    FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.refusal IS NOT NULL AND p.reason = 'again';
END
$function$;
COMMENT ON FUNCTION yesterday._apply_held(bigint, bigint) IS 'internal: tries once more what rows of the deployment stood in the way of';
REVOKE ALL ON FUNCTION yesterday._apply_held(bigint, bigint) FROM PUBLIC;
