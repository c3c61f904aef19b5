-- A decision about the freeze is kept for ever, so it needs a reason.
CREATE FUNCTION yesterday._require_reason(reason text, what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF coalesce(btrim(reason), '') = '' THEN
        RAISE EXCEPTION '% needs a reason', what
            USING ERRCODE = 'YD022',
                  DETAIL = 'Who, when and why are kept for ever.',
                  HINT = CASE what WHEN 'rollback_to' THEN 'SELECT * FROM yesterday.rollback_to(''the deployment that stays'', ''why'');'
                              WHEN 'trust_images' THEN 'SELECT yesterday.trust_images(deployment, ''why'');'
                              WHEN 'confirm_artifacts' THEN 'SELECT yesterday.confirm_artifacts(generation, ''who switched it'');'
                              WHEN 'adopt_artifacts' THEN 'SELECT yesterday.adopt_artifacts(artifacts, ''why'');'
                              ELSE format('SELECT yesterday.%s(''why'');', what) END;
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._require_reason(text, text) IS 'raises when the reason is missing';
REVOKE ALL ON FUNCTION yesterday._require_reason(text, text) FROM PUBLIC;

