-- What is decided is kept for ever, so it needs a reason.
CREATE FUNCTION train._require_reason(reason text, what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF coalesce(btrim(reason), '') = '' THEN
        RAISE EXCEPTION '% needs a reason', what
            USING ERRCODE = 'YD022',
                  DETAIL = 'Who, when and why are kept for ever.',
                  HINT = 'Say why in the argument "reason".';
    END IF;
END
$function$;
COMMENT ON FUNCTION train._require_reason(text, text) IS 'raises when the reason is missing';
REVOKE ALL ON FUNCTION train._require_reason(text, text) FROM PUBLIC;

