-- What labels were called when a table was captured, and what they are called now, by columns of the table as it is:
-- {column: {array, then, now}}; only where they differ. From the newest deployment to the one of the capture, each is
-- asked what it renamed; its images know a label by its id. What was undone renamed nothing.
CREATE FUNCTION yesterday._spellings_since(captured bigint, relation oid)
RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    since bigint := (SELECT c.deployment FROM yesterday.captured_table c WHERE c.id = captured);
    col record;
    landed record;
    step record;
    enum_id oid;
    enum_name text;
    labels jsonb;
    spellings jsonb := '{}';
BEGIN
    FOR col IN
        SELECT a.attname AS name, e.enum, e.is_array, format('%I.%I', n.nspname, y.typname) AS identity
        FROM pg_attribute a
        CROSS JOIN LATERAL yesterday._enum_inside(a.atttypid) e
        JOIN pg_type y ON y.oid = e.enum
        JOIN pg_namespace n ON n.oid = y.typnamespace
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384
    LOOP
        enum_id := col.enum;
        enum_name := col.identity;
        labels := (SELECT jsonb_agg(jsonb_build_object('now', l.enumlabel, 'then', l.enumlabel, 'id', l.oid::bigint))
                   FROM pg_enum l WHERE l.enumtypid = col.enum);
        FOR landed IN
            SELECT d.id, d.status FROM yesterday.deployment d
            WHERE d.id >= since AND d.status IN ('open', 'finished') ORDER BY d.id DESC
        LOOP
            -- one that is open knows the type by its number, a finished one by its name of then: it may have been made anew since
            SELECT b.objid, b.identity, b.definition AS before, a.definition AS after INTO step
            FROM yesterday.schema_object b
            LEFT JOIN yesterday.schema_object a ON a.deployment = b.deployment AND a.phase = 'after' AND a.classid = b.classid AND a.objid = b.objid
                                               AND landed.status = 'finished'
            WHERE b.deployment = landed.id AND b.phase = 'before' AND b.kind = 'enum'
              AND CASE landed.status WHEN 'open' THEN b.objid = enum_id ELSE a.identity = enum_name END;
            CONTINUE WHEN NOT FOUND;
            labels := (
                SELECT jsonb_agg(l.value || jsonb_build_object('then', step.before -> 'labels' -> (b.ordinality - 1)::integer))
                FROM jsonb_array_elements(labels) l
                LEFT JOIN jsonb_array_elements_text(step.after -> 'labels') WITH ORDINALITY AS n ON n.value = l.value ->> 'then'
                JOIN jsonb_array_elements_text(step.before -> 'label_ids') WITH ORDINALITY AS b
                    ON b.value = CASE WHEN step.after IS NULL THEN l.value ->> 'id'
                                      ELSE step.after -> 'label_ids' ->> (n.ordinality - 1)::integer END);
            enum_id := step.objid;
            enum_name := step.identity;
        END LOOP;
        IF EXISTS (SELECT FROM jsonb_array_elements(labels) l WHERE l.value -> 'then' <> l.value -> 'now') THEN
            spellings := spellings || jsonb_build_object(col.name, jsonb_build_object('array', col.is_array,
                'then', (SELECT jsonb_agg(l.value -> 'then' ORDER BY l.ordinality) FROM jsonb_array_elements(labels) WITH ORDINALITY AS l),
                'now', (SELECT jsonb_agg(l.value -> 'now' ORDER BY l.ordinality) FROM jsonb_array_elements(labels) WITH ORDINALITY AS l)));
        END IF;
    END LOOP;
    RETURN spellings;
END
$function$;
COMMENT ON FUNCTION yesterday._spellings_since(bigint, oid) IS 'labels that were renamed since a table was captured';
REVOKE ALL ON FUNCTION yesterday._spellings_since(bigint, oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._spellings_since(bigint, oid) TO yesterday_viewer;
