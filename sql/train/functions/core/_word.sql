-- A name as a word of a shell, for hints that can be pasted.
CREATE FUNCTION train._word(name text)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN name ~ '^[[:alnum:]_.-]+$' THEN name
                ELSE '''' || replace(name, '''', '''\''''') || '''' END;
$function$;
COMMENT ON FUNCTION train._word(text) IS 'a name as a word of a shell';
REVOKE ALL ON FUNCTION train._word(text) FROM PUBLIC;

-- The name of the target of a realignment, likewise.
CREATE FUNCTION train._word(entry train.realignment)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT train._word(t.name) FROM train.target t WHERE t.id = entry.target_id;
$function$;
COMMENT ON FUNCTION train._word(train.realignment) IS 'the name of the target of a realignment as a word of a shell';
REVOKE ALL ON FUNCTION train._word(train.realignment) FROM PUBLIC;

