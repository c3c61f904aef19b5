-- Completes the records of a table that a deployment emptied after it had dropped columns of it, or changed their type:
-- what these had before comes from the copies that were made then, found by key, else by everything that
-- both have; equal rows are paired in any order. The last copy comes first: step by step the records become what
-- the table was before each of the commands.
CREATE FUNCTION yesterday._complete_emptied(deployment bigint, relation oid)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres'
SET extra_float_digits = 3 SET TimeZone = 'UTC' SET bytea_output = 'hex'
AS $function$
#variable_conflict use_variable
DECLARE
    captured record;
    copy record;
    shared text[];
BEGIN
    SELECT c.id, c.shadow_name INTO STRICT captured
    FROM yesterday.captured_table c WHERE c.deployment = deployment AND c.relid = relation;
    FOR copy IN
        SELECT s.shadow_name, s.key_columns, s.lost,
               ARRAY(SELECT l FROM unnest(s.lost) l JOIN yesterday.captured_column c ON c.captured_table = captured.id AND c.attnum = l) AS wanted
        FROM yesterday.saved_table s
        WHERE s.deployment = deployment AND s.relid = relation AND s.event <> 'drop' AND s.rows > 0 AND NOT s.emptied
        ORDER BY s.id DESC
    LOOP
        CONTINUE WHEN copy.wanted = '{}';
        shared := ARRAY(SELECT c.shadow_column FROM yesterday.captured_column c
                        JOIN pg_attribute a ON a.attrelid = format('yesterday_shadow.%I', copy.shadow_name)::regclass
                                           AND a.attname = c.shadow_column
                        WHERE c.captured_table = captured.id AND c.attnum <> ALL (copy.lost)
                          -- a key that is gone as well finds nothing
                          AND (NOT copy.key_columns <@ ARRAY(SELECT k.attnum FROM yesterday.captured_column k
                                                             WHERE k.captured_table = captured.id)
                               OR copy.key_columns = '{}' OR c.attnum = ANY (copy.key_columns)));
        EXECUTE format(
            'UPDATE yesterday_shadow.%1$I t SET %2$s FROM'
            ' (SELECT x.ctid AS place, ROW(%3$s)::text AS found, row_number() OVER (PARTITION BY ROW(%3$s)::text) AS n'
            '  FROM yesterday_shadow.%1$I x WHERE x.op = ''T'') b,'
            ' (SELECT x.*, ROW(%3$s)::text AS found, row_number() OVER (PARTITION BY ROW(%3$s)::text) AS n'
            '  FROM yesterday_shadow.%4$I x) s'
            ' WHERE t.ctid = b.place AND s.found = b.found AND s.n = b.n',
            captured.shadow_name,
            (SELECT string_agg(format('c%1$s = s.c%1$s::text', w), ', ') FROM unnest(copy.wanted) w),
            (SELECT string_agg(format('x.%I::text', c), ', ') FROM unnest(shared) c),
            copy.shadow_name);
    END LOOP;
    UPDATE yesterday.saved_table s SET emptied = true WHERE s.deployment = deployment AND s.relid = relation;
END
$function$;
COMMENT ON FUNCTION yesterday._complete_emptied(bigint, oid) IS 'completes the records of an emptied table with what its lost columns had';
REVOKE ALL ON FUNCTION yesterday._complete_emptied(bigint, oid) FROM PUBLIC;
