-- A table that a deployment puts in the place of one under capture (made beside it, and given its name once that was
-- renamed away) is under capture from then on, as the other one was: what deployments write under a name that somebody
-- has put under capture comes back, whatever table has it. Where the other one is gone, its row goes on with the new one.
CREATE FUNCTION yesterday._track_successors(deployment bigint)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    place record;
    columns name[];
BEGIN
    FOR place IN
        SELECT b.schema_name, b.table_name, c.oid AS relation,
               c.relpersistence = 'p' AND (c.relkind = 'p' OR a.amname = 'heap') AS is_trackable,
               t.id, t.layer, t.outside, t.natural_key, t.local_columns, t.rule,
               t.schema_name AS old_schema, t.table_name AS old_table,
               EXISTS (SELECT FROM pg_class o JOIN pg_namespace s ON s.oid = o.relnamespace
                       WHERE s.nspname = t.schema_name AND o.relname = t.table_name AND o.relkind IN ('r', 'p')) AS is_kept
        FROM yesterday.deployment_baseline b
        JOIN yesterday.tracked_table t ON t.id = b.tracked
        JOIN pg_namespace n ON n.nspname = b.schema_name
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = b.table_name AND c.relkind IN ('r', 'p')
        LEFT JOIN pg_am a ON a.oid = c.relam
        WHERE b.deployment = $1
          AND NOT EXISTS (SELECT FROM yesterday.tracked_table x
                          WHERE x.schema_name = b.schema_name AND x.table_name = b.table_name)
        -- partitions before what they are partitions of, whose tree then finds their rows
        ORDER BY c.relkind = 'p', c.relispartition DESC, b.schema_name, b.table_name
    LOOP
        subject := format('%I.%I', place.schema_name, place.table_name);
        IF NOT place.is_trackable THEN
            outcome := 'not tracked';
            detail := 'has the name of a table that was under capture, and cannot be: only logged heap tables can';
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF NOT place.is_kept THEN
            UPDATE yesterday.tracked_table t SET schema_name = place.schema_name, table_name = place.table_name
            WHERE t.id = place.id;
        END IF;
        SELECT array_agg(a.attname) INTO columns FROM pg_attribute a
        WHERE a.attrelid = place.relation AND a.attnum > 0 AND NOT a.attisdropped;
        PERFORM yesterday._track_tree(place.relation, place.layer, place.outside,
                                      CASE WHEN place.natural_key <@ columns THEN place.natural_key END,
                                      CASE WHEN place.local_columns <@ columns THEN place.local_columns END, place.rule);
        outcome := 'tracked';
        detail := CASE WHEN place.is_kept
                       THEN format('under capture from here on, like %I.%I, whose name it has now', place.old_schema, place.old_table)
                       ELSE 'under capture from here on, like the table whose place it has taken' END;
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._track_successors(bigint) IS 'puts tables under capture that have taken the names of others under capture';
REVOKE ALL ON FUNCTION yesterday._track_successors(bigint) FROM PUBLIC;
