-- Keeps that all of an artifact was found just now.
CREATE FUNCTION yesterday.note_artifact_check(digest text, reference text, place text, bytes bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    INSERT INTO yesterday.artifact_check AS c (digest, reference, place, bytes)
    VALUES (digest, reference, place, bytes)
    ON CONFLICT ON CONSTRAINT artifact_check_pkey DO UPDATE
        SET reference = EXCLUDED.reference, place = EXCLUDED.place, bytes = coalesce(EXCLUDED.bytes, c.bytes),
            checked_at = EXCLUDED.checked_at, checked_by = EXCLUDED.checked_by;
END
$function$;
COMMENT ON FUNCTION yesterday.note_artifact_check(text, text, text, bigint) IS 'keeps that all of an artifact was found just now';
REVOKE ALL ON FUNCTION yesterday.note_artifact_check(text, text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.note_artifact_check(text, text, text, bigint) TO yesterday_deployer, yesterday_operator;

