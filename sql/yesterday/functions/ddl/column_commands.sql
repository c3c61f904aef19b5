-- yesterday._column_commands(table, now, goal): commands that change a column where it stands. The
-- default has been taken away before, where the type changes.
CREATE FUNCTION yesterday._column_commands(table_identity text, now_def jsonb, goal jsonb) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    prefix text := format('ALTER TABLE %s ALTER COLUMN %I ', table_identity, goal ->> 'name');
BEGIN
    IF now_def -> 'type' <> goal -> 'type' OR now_def -> 'collation' IS DISTINCT FROM goal -> 'collation' THEN
        RETURN NEXT prefix || concat_ws(' ', 'TYPE', goal ->> 'type', 'COLLATE ' || (goal ->> 'collation'),
            'USING ' || yesterday._exact_cast(quote_ident(goal ->> 'name'), now_def ->> 'type', goal ->> 'type'));
    END IF;
    IF now_def ? 'identity' AND NOT goal ? 'identity' THEN
        RETURN NEXT prefix || 'DROP IDENTITY';
    ELSIF goal ? 'identity' AND NOT now_def ? 'identity' THEN
        RETURN NEXT prefix || format('ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s %s)',
            CASE WHEN (goal #>> '{identity,always}')::boolean THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
            goal #>> '{identity,sequence}', yesterday._sequence_options(goal -> 'identity'));
    ELSIF now_def -> 'identity' <> goal -> 'identity' THEN
        RETURN NEXT prefix || format('SET GENERATED %s',
            CASE WHEN (goal #>> '{identity,always}')::boolean THEN 'ALWAYS' ELSE 'BY DEFAULT' END);
        RETURN NEXT format('ALTER SEQUENCE %s AS %s %s', now_def #>> '{identity,sequence}', goal #>> '{identity,type}',
                           yesterday._sequence_options(goal -> 'identity'));
    END IF;
    RETURN QUERY SELECT * FROM yesterday._column_storage_commands(table_identity, now_def, goal);
END
$function$;
COMMENT ON FUNCTION yesterday._column_commands(text, jsonb, jsonb) IS 'internal: commands that change a column';
REVOKE ALL ON FUNCTION yesterday._column_commands(text, jsonb, jsonb) FROM PUBLIC;

