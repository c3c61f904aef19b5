-- yesterday._keys_as_before(captured_table): keys of a composite type that got attributes while the deployment was open are written without
-- these where they have no value for them, as they were recorded before and will be again once the type has lost them. So the records of
-- one row have one key. Whether there were such keys.
CREATE FUNCTION yesterday._keys_as_before(captured_table bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    key record;
    respelled bigint;
    any_respelled boolean := false;
BEGIN
    FOR key IN
        SELECT t.shadow_name, c.shadow_column, b.attributes AS attributes,
               -- as the type itself writes it: a field that is empty has no value, and commas inside of others are quoted
               format($$length(regexp_replace(s.%1$I, '"([^"\\]|\\.|"")*"|[^,]', '', 'g')) + 1$$, c.shadow_column) AS fields
        FROM yesterday.captured_table t
        JOIN yesterday.captured_column c ON c.captured_table = t.id AND c.column_name = ANY (t.key_columns)
        JOIN pg_attribute col ON col.attrelid = t.relid AND col.attnum = c.attnum AND NOT col.attisdropped
        JOIN pg_type y ON y.oid = col.atttypid AND y.typtype = 'c'
        JOIN yesterday.schema_object o ON o.deployment = t.deployment AND o.phase = 'before'
                                      AND o.classid = 'pg_type'::regclass AND o.objid = y.oid AND o.kind = 'composite type'
        CROSS JOIN LATERAL (SELECT count(*)::integer AS attributes, max((x ->> 'num')::integer) AS last
                            FROM jsonb_array_elements(o.definition -> 'attributes') x) b
        CROSS JOIN LATERAL (SELECT count(*)::integer AS attributes, count(*) FILTER (WHERE x.attnum <= b.last)::integer AS kept
                            FROM pg_attribute x WHERE x.attrelid = y.typrelid AND x.attnum > 0 AND NOT x.attisdropped) a
        WHERE t.id = $1 AND t.key_kind <> 'row' AND a.attributes > b.attributes AND a.kept = b.attributes
    LOOP
        EXECUTE format($$UPDATE yesterday_shadow.%1$I s SET %2$I = left(s.%2$I, -1 - f.more) || ')'
                         FROM (SELECT s.ctid AS place, %3$s - %4$s AS more FROM yesterday_shadow.%1$I s) f
                         WHERE f.place = s.ctid AND f.more > 0 AND right(s.%2$I, 1 + f.more) = repeat(',', f.more) || ')'$$,
                       key.shadow_name, key.shadow_column, key.fields, key.attributes);
        GET DIAGNOSTICS respelled = ROW_COUNT;
        any_respelled := any_respelled OR respelled > 0;
    END LOOP;
    RETURN any_respelled;
END
$function$;
COMMENT ON FUNCTION yesterday._keys_as_before(bigint) IS 'internal: keys of a type that got attributes, as they were before';
REVOKE ALL ON FUNCTION yesterday._keys_as_before(bigint) FROM PUBLIC;
