-- yesterday._exact_text(command): an expression as the deparser wrote it, changed so that it is the same text after one
-- more parse. (ARRAY['a'::varchar])::text[] is read as an array of casts, and comes back as
-- ARRAY[('a'::varchar)::text]: a cast written at an array constructor goes to its elements. With the
-- element type said once more, (ARRAY['a'::varchar]::varchar[])::text[], the cast stays where it was. Where the elements do not
-- say their type, as (ARRAY[a, b])::text[] of columns, the cast is left out: nobody can have written it, so what it is given to
-- asks for it once more.
CREATE FUNCTION yesterday._exact_text(command text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    result text := '';
    rest text := command;
    start integer;
    c text;
    depth integer;
    quoted boolean;
    element_end integer;
    i integer;
    element text;
    element_type text;
BEGIN
    LOOP
        start := strpos(rest, '(ARRAY[');
        -- inside a literal it is a literal
        IF start > 0 AND (length(left(rest, start)) - length(replace(left(rest, start), '''', ''))) % 2 = 1 THEN
            result := result || left(rest, start);
            rest := substr(rest, start + 1);
            -- go on behind the end of the literal
            i := strpos(rest, '''');
            result := result || left(rest, i);
            rest := substr(rest, i + 1);
            CONTINUE;
        END IF;
        EXIT WHEN start = 0;
        depth := 0;
        quoted := false;
        element_end := 0;
        i := start + 6;                 -- at the bracket
        LOOP
            c := substr(rest, i, 1);
            EXIT WHEN c = '';
            IF c = '''' THEN
                quoted := NOT quoted;
            ELSIF NOT quoted AND c IN ('(', '[') THEN
                depth := depth + 1;
            ELSIF NOT quoted AND c IN (')', ']') THEN
                depth := depth - 1;
                EXIT WHEN depth = 0;
            ELSIF NOT quoted AND c = ',' AND depth = 1 AND element_end = 0 THEN
                element_end := i;
            END IF;
            i := i + 1;
        END LOOP;
        element := substr(rest, start + 7, CASE WHEN element_end > 0 THEN element_end ELSE i END - start - 7);
        element_type := CASE WHEN element ~ '^''.*''::[^'']+$' THEN substring(element FROM '^''.*''::([^'']+)$')
                             WHEN element ~ '^-?[0-9]+$' THEN 'integer' END;
        result := result || left(rest, i);
        rest := substr(rest, i + 1);
        IF rest ~ '^\)::[^\])]*\[\]' THEN
            IF element_type IS NOT NULL THEN
                result := result || '::' || element_type || '[]';
            ELSE
                rest := regexp_replace(rest, '^\)::[^\])]*\[\]', ')');
            END IF;
        END IF;
    END LOOP;
    RETURN result || rest;
END
$function$;
COMMENT ON FUNCTION yesterday._exact_text(text) IS 'internal: expression text that survives one more parse';
REVOKE ALL ON FUNCTION yesterday._exact_text(text) FROM PUBLIC;

