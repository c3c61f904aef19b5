-- Puts one relation under capture, or changes how it is. Rows are captured in the leaf
-- partitions; a partitioned table has the truncate trigger only, which carries its id.
CREATE FUNCTION yesterday._track_table(
    relation oid, layer text, outside text, natural_key name[], local_columns name[],
    rule bigint, parent bigint)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    found record;
    id bigint;
    columns name[];
BEGIN
    PERFORM yesterday._require_trackable(relation);
    SELECT n.nspname, c.relname, c.relkind INTO STRICT found
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;

    SELECT array_agg(a.attname) INTO columns FROM pg_attribute a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
    IF NOT coalesce(natural_key, '{}') || coalesce(local_columns, '{}') <@ columns THEN
        RAISE EXCEPTION 'table "%.%" has no such column', found.nspname, found.relname
            USING ERRCODE = 'YD022',
                  DETAIL = format('natural_key or local_columns name a column that is not among %s.',
                                  array_to_string(columns, ', ')),
                  HINT = 'Correct the column names.';
    END IF;

    INSERT INTO yesterday.tracked_table AS t
        (schema_name, table_name, layer, outside, natural_key, local_columns, rule, parent)
    VALUES (found.nspname, found.relname, layer, outside, natural_key, local_columns, rule, parent)
    ON CONFLICT ON CONSTRAINT tracked_table_name_key DO UPDATE
        SET layer = excluded.layer, outside = excluded.outside,
            natural_key = coalesce(excluded.natural_key, t.natural_key),
            local_columns = coalesce(excluded.local_columns, t.local_columns),
            rule = excluded.rule, parent = excluded.parent
    RETURNING t.id INTO id;
    PERFORM yesterday._create_triggers(relation, outside, id);
    RETURN id;
END
$function$;
COMMENT ON FUNCTION yesterday._track_table(oid, text, text, name[], name[], bigint, bigint) IS
    'puts one relation under capture; returns its id';
REVOKE ALL ON FUNCTION yesterday._track_table(oid, text, text, name[], name[], bigint, bigint) FROM PUBLIC;

