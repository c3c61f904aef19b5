-- A name that people type, and that commands are made of: one line, not too long.
CREATE FUNCTION train._check_name(name text, what text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    IF octet_length(btrim(name)) > 200 OR name ~ '[\x01-\x1f\x7f]' THEN
        RAISE EXCEPTION 'this is no name for a %', what
            USING ERRCODE = 'YD022',
                  DETAIL = 'A name is one line of at most 200 bytes, without control characters.',
                  HINT = 'Choose a shorter, plain name: it is typed in commands, and heads the board.';
    END IF;
END
$function$;
COMMENT ON FUNCTION train._check_name(text, text) IS 'raises unless this can be the name of a group or a target';
REVOKE ALL ON FUNCTION train._check_name(text, text) FROM PUBLIC;
