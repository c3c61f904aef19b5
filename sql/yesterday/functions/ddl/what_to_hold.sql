-- yesterday._what_to_hold(deployment, kind, identity, owner, failure): what has to stay as deployed because of values that do
-- not fit what was before, as [{identity, detail}]. Of a table that is made anew only the columns that hold such
-- values; a type that is made anew stays as a whole.
CREATE FUNCTION yesterday._what_to_hold(deployment bigint, kind text, identity text, owner name, failure text) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    found_all jsonb;
BEGIN
    SELECT jsonb_agg(DISTINCT jsonb_build_object('identity', coalesce(r.root, format('%s.%I', $3, u.target)),
                                                 'detail', yesterday._without_value(u.detail)))
    INTO found_all
    FROM yesterday.plan_node p
    CROSS JOIN LATERAL yesterday._unfit_columns($1, p.node, yesterday._aside_name($1, p.node, p.now_identity), $4) u
    LEFT JOIN LATERAL (SELECT c -> 'now' ->> 'type' AS type FROM jsonb_array_elements(p.columns) c
                       WHERE c #>> '{goal,name}' = u.target) col ON true
    LEFT JOIN yesterday.plan_aside a ON a.deployment = $1 AND strpos(col.type, a.aside) > 0
    LEFT JOIN LATERAL unnest(a.because) AS r (root) ON true
    WHERE p.deployment = $1 AND p.kind = 'table' AND $2 = 'table' AND p.goal_identity = $3 AND p.action = 'rebuild'
      AND p.bobjid IS NOT DISTINCT FROM p.aobjid;
    IF found_all IS NULL THEN
        SELECT jsonb_agg(DISTINCT jsonb_build_object('identity', r.root, 'detail', yesterday._without_value(failure)))
        INTO found_all
        FROM yesterday.plan_aside a
        JOIN yesterday.plan_node p ON p.deployment = $1 AND p.goal_identity = $3 AND p.kind = $2
        CROSS JOIN LATERAL unnest(a.because) AS r (root)
        WHERE a.deployment = $1 AND strpos(p.now_def::text, yesterday._inside_json(a.aside)) > 0;
    END IF;
    RETURN coalesce(found_all, jsonb_build_array(jsonb_build_object('detail', yesterday._without_value(failure), 'identity', $3)));
END
$function$;
COMMENT ON FUNCTION yesterday._what_to_hold(bigint, text, text, name, text) IS 'internal: what has to stay as deployed';
REVOKE ALL ON FUNCTION yesterday._what_to_hold(bigint, text, text, name, text) FROM PUBLIC;

-- yesterday._objects_to_hold(deployment, kind, identity, subject, failure): what an abandonment leaves as deployed because a command failed, which
-- nothing can be done about: the types for whose sake others are made anew, where it was about one of these; else the object itself.
CREATE FUNCTION yesterday._objects_to_hold(deployment bigint, kind text, identity text, subject text, failure text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(
        (SELECT jsonb_agg(DISTINCT jsonb_build_object('identity', r.root, 'detail', $5))
         FROM yesterday.plan_aside a
         CROSS JOIN LATERAL unnest(a.because) AS r (root)
         WHERE a.deployment = $1
           AND (a.identity = $3 AND $2 IN ('enum', 'composite type', 'domain', 'range')
                OR $2 IN ('table', 'column') AND EXISTS (SELECT FROM yesterday.plan_node p
                                                         WHERE p.deployment = $1 AND p.kind = $2 AND p.goal_identity = $3
                                                           AND strpos(p.now_def::text, yesterday._inside_json(a.aside)) > 0))
           AND NOT EXISTS (SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1 AND h.identity = r.root)),
        jsonb_build_array(jsonb_build_object('object', true, 'identity', $4, 'detail', $5)))
$function$;
COMMENT ON FUNCTION yesterday._objects_to_hold(bigint, text, text, text, text) IS 'internal: what an abandonment leaves as deployed';
REVOKE ALL ON FUNCTION yesterday._objects_to_hold(bigint, text, text, text, text) FROM PUBLIC;

-- yesterday._without_value(message): an error message without the value in it: a report shows rows to nobody.
CREATE FUNCTION yesterday._without_value(message text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT regexp_replace(regexp_replace(message, ': ".*"$', ''), '".*" (?=is out of range)', '')
$function$;
COMMENT ON FUNCTION yesterday._without_value(text) IS 'internal: an error message without the value in it';
REVOKE ALL ON FUNCTION yesterday._without_value(text) FROM PUBLIC;

-- yesterday._aside_name(deployment, node, identity): what a table is called, qualified, while it is made anew.
CREATE FUNCTION yesterday._aside_name(deployment bigint, node integer, identity text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('%s.%I', yesterday._schema_part(identity), format('yesterday_aside_%s_%s', deployment, node))
$function$;
COMMENT ON FUNCTION yesterday._aside_name(bigint, integer, text) IS 'internal: name of a table while it is made anew';
REVOKE ALL ON FUNCTION yesterday._aside_name(bigint, integer, text) FROM PUBLIC;
