-- yesterday._keep_retyped(deployment, rollback): of a table under capture whose key changed its type, rows of before that others changed
-- since: they are put back as they were, found by a key that these versions do not show. They go to the attic.
CREATE FUNCTION yesterday._keep_retyped(deployment bigint, rollback bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tab record;
    keys jsonb;
BEGIN
    FOR tab IN
        SELECT DISTINCT ON (p.node) p.node, p.now_identity, p.schema_name, p.now_owner, s.relid, s.after_name
        FROM yesterday.plan_node p
        JOIN yesterday.captured_table c ON c.deployment = $1 AND c.relid = p.bobjid AND NOT c.business AND c.key_kind <> 'row'
        JOIN yesterday.saved_table s ON s.deployment = $1 AND s.relid = p.bobjid AND s.event = 'type' AND s.after_name IS NOT NULL
                                    AND s.key_columns = '{}' AND s.rows > 0
        WHERE p.deployment = $1 AND p.kind = 'table' AND p.action = 'rebuild' AND p.bobjid = p.aobjid
        ORDER BY p.node, s.id DESC
    LOOP
        keys := yesterday._taken_keys($1, tab.node, tab.relid, tab.after_name);
        CONTINUE WHEN keys = '{}';
        rows := yesterday._keep_rows($1, $2, tab.now_identity, tab.schema_name, tab.now_owner, 'changed', NULL,
            format('AND EXISTS (SELECT FROM yesterday_shadow.%I y WHERE %s)', tab.after_name,
                   (SELECT string_agg(format('y.c%s::text = format(''%%s'', t.%I)', k.key, k.value #>> '{}'), ' AND ') FROM jsonb_each(keys) k)),
            'changed by somebody else since; the key of the table had another type before the deployment');
        IF rows > 0 THEN
            subject := tab.now_identity;
            outcome := 'changed since';
            detail := 'rows that somebody else changed are as before the deployment; SELECT * FROM yesterday.attic';
            RETURN NEXT;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._keep_retyped(bigint, bigint) IS 'internal: keeps versions of others where a key changed its type';
REVOKE ALL ON FUNCTION yesterday._keep_retyped(bigint, bigint) FROM PUBLIC;
