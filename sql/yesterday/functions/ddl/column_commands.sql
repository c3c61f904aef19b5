-- yesterday._column_commands(table, now, goal): commands that change a column where it stands. The
-- default has been taken away before, where the type changes.
CREATE FUNCTION yesterday._column_commands(table_identity text, now_def jsonb, goal jsonb) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    prefix text := format('ALTER TABLE %s ALTER COLUMN %I ', table_identity, goal ->> 'name');
    -- ALTER takes no array apart itself: a function does it, for as long as it is needed
    taken_apart boolean := goal ->> 'type' LIKE '%[]'
        AND yesterday._composite_cast(quote_ident(goal ->> 'name'), now_def ->> 'type', goal ->> 'type') IS NOT NULL;
    -- what _identity_commands() has, and the name, which has been given back
    attributes text[] := '{always,sequence,comment,acl,persistence}';
    helper text := format('%s.%I', yesterday._schema_part(table_identity), yesterday._aside(table_identity || '.' || (goal ->> 'name')));
BEGIN
    IF now_def -> 'type' <> goal -> 'type' OR now_def -> 'collation' IS DISTINCT FROM goal -> 'collation' THEN
        IF taken_apart THEN
            RETURN NEXT format('CREATE FUNCTION %s(%I %s) RETURNS %s LANGUAGE sql AS %L', helper, goal ->> 'name', now_def ->> 'type', goal ->> 'type',
                               'SELECT ' || yesterday._exact_cast(quote_ident(goal ->> 'name'), now_def ->> 'type', goal ->> 'type'));
        END IF;
        RETURN NEXT prefix || concat_ws(' ', 'TYPE', goal ->> 'type', 'COLLATE ' || (goal ->> 'collation'), 'USING ' ||
            CASE WHEN taken_apart THEN format('%s(%I)', helper, goal ->> 'name')
                 ELSE yesterday._exact_cast(quote_ident(goal ->> 'name'), now_def ->> 'type', goal ->> 'type') END);
        IF taken_apart THEN
            RETURN NEXT format('DROP FUNCTION %s(%s)', helper, now_def ->> 'type');
        END IF;
    END IF;
    IF now_def ? 'identity' AND NOT goal ? 'identity' THEN
        RETURN NEXT prefix || 'DROP IDENTITY';
    ELSIF goal ? 'identity' AND NOT now_def ? 'identity' THEN
        RETURN NEXT prefix || format('ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s %s)',
            CASE WHEN (goal #>> '{identity,always}')::boolean THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
            goal #>> '{identity,sequence}', yesterday._sequence_options(goal -> 'identity'));
    ELSIF goal ? 'identity' THEN
        IF now_def #> '{identity,always}' <> goal #> '{identity,always}' THEN
            RETURN NEXT prefix || format('SET GENERATED %s',
                CASE WHEN (goal #>> '{identity,always}')::boolean THEN 'ALWAYS' ELSE 'BY DEFAULT' END);
        END IF;
        IF (now_def -> 'identity') - attributes <> (goal -> 'identity') - attributes THEN
            RETURN NEXT format('ALTER SEQUENCE %s AS %s %s', now_def #>> '{identity,sequence}', goal #>> '{identity,type}',
                               yesterday._sequence_options(goal -> 'identity'));
        END IF;
    END IF;
    RETURN QUERY SELECT * FROM yesterday._column_storage_commands(table_identity, now_def, goal);
END
$function$;
COMMENT ON FUNCTION yesterday._column_commands(text, jsonb, jsonb) IS 'internal: commands that change a column';
REVOKE ALL ON FUNCTION yesterday._column_commands(text, jsonb, jsonb) FROM PUBLIC;


-- yesterday._not_null_commands(table, column, now, goal): commands that change a NOT NULL, from PostgreSQL 18 on a
-- constraint with a name. One that was validated is made anew: nothing takes that back.
CREATE FUNCTION yesterday._not_null_commands(table_identity text, column_name text, now_def jsonb, goal jsonb)
RETURNS TABLE (stage text, command text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    stage := 'structure';
    IF goal ? 'valid' AND NOT now_def ? 'valid' THEN
        command := format('ALTER TABLE %s DROP CONSTRAINT %I', table_identity, now_def ->> 'name');
        RETURN NEXT;
        command := format('ALTER TABLE %s ADD CONSTRAINT %I NOT NULL %I%s NOT VALID', table_identity, goal ->> 'name', column_name,
                          CASE WHEN goal ? 'no_inherit' THEN ' NO INHERIT' ELSE '' END);
        RETURN NEXT;
        now_def := goal - 'comment';
    END IF;
    IF now_def -> 'name' <> goal -> 'name' THEN
        command := format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', table_identity, now_def ->> 'name', goal ->> 'name');
        RETURN NEXT;
    END IF;
    IF now_def ? 'no_inherit' <> goal ? 'no_inherit' THEN
        command := format('ALTER TABLE %s ALTER CONSTRAINT %I %s', table_identity, goal ->> 'name',
                          CASE WHEN goal ? 'no_inherit' THEN 'NO INHERIT' ELSE 'INHERIT' END);
        RETURN NEXT;
    END IF;
    IF now_def ? 'valid' AND NOT goal ? 'valid' THEN
        stage := 'constraint';
        command := format('ALTER TABLE %s VALIDATE CONSTRAINT %I', table_identity, goal ->> 'name');
        RETURN NEXT;
    END IF;
    IF now_def -> 'comment' IS DISTINCT FROM goal -> 'comment' THEN
        stage := 'late';
        command := format('COMMENT ON CONSTRAINT %I ON %s IS %s', goal ->> 'name', table_identity,
                          coalesce(quote_literal(goal ->> 'comment'), 'NULL'));
        RETURN NEXT;
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._not_null_commands(text, text, jsonb, jsonb) IS 'internal: commands that change a NOT NULL';
REVOKE ALL ON FUNCTION yesterday._not_null_commands(text, text, jsonb, jsonb) FROM PUBLIC;
