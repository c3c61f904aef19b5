-- outside says what a write outside any deployment gets.
CREATE FUNCTION yesterday._check_outside(outside text, layer text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF outside IS NULL OR outside NOT IN ('allow', 'refuse') THEN
        RAISE EXCEPTION 'outside => % is not known', coalesce(quote_literal(outside), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'It says what a write outside any deployment gets.',
                  HINT = 'Use ''allow'' or ''refuse''.';
    END IF;
    IF coalesce(btrim(layer), '') = '' THEN
        RAISE EXCEPTION 'a layer is missing'
            USING ERRCODE = 'YD022',
                  DETAIL = 'The layer says whose metadata a table holds.',
                  HINT = 'For example layer => ''platform'', ''apps'' or ''partner''.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._check_outside(text, text) IS 'raises unless the arguments of track() are valid';
REVOKE ALL ON FUNCTION yesterday._check_outside(text, text) FROM PUBLIC;

