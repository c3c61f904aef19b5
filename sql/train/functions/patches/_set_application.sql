-- Enters what became of a patch in a target, and the character for it that the board shows. Returns whether
-- that is news. Null digests and details leave what is known.
CREATE FUNCTION train._set_application(
    its_target bigint, its_ordinal integer, new_status text, new_deployment bigint, new_realignment bigint, new_run bigint,
    new_portable text, new_exact text, new_detail text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    known train.application;
    mark text := CASE new_status WHEN 'applied' THEN 'A' WHEN 'realigned' THEN 'R' WHEN 'rolled_back' THEN 'B' WHEN 'missed' THEN 'M'
                                 WHEN 'failed' THEN 'F' WHEN 'diverged' THEN 'D' WHEN 'applying' THEN 'P' END;
BEGIN
    SELECT a.* INTO known FROM train.application a WHERE a.target_id = its_target AND a.ordinal = its_ordinal;
    IF FOUND AND known.status = new_status
       AND known.deployment IS NOT DISTINCT FROM coalesce(new_deployment, known.deployment)
       AND known.realignment IS NOT DISTINCT FROM coalesce(new_realignment, known.realignment)
       AND known.run IS NOT DISTINCT FROM coalesce(new_run, known.run)
       AND known.portable_digest IS NOT DISTINCT FROM coalesce(new_portable, known.portable_digest)
       AND known.exact_digest IS NOT DISTINCT FROM coalesce(new_exact, known.exact_digest)
       AND known.detail IS NOT DISTINCT FROM coalesce(new_detail, known.detail)
    THEN
        RETURN false;
    END IF;
    -- another attempt knows nothing of the one before
    IF new_status IN ('applying', 'missed') THEN
        known := NULL;
    END IF;
    INSERT INTO train.application AS a
        (target_id, ordinal, status, deployment, realignment, run, portable_digest, exact_digest, detail)
    VALUES (its_target, its_ordinal, new_status, coalesce(new_deployment, known.deployment), coalesce(new_realignment, known.realignment),
            coalesce(new_run, known.run), coalesce(new_portable, known.portable_digest), coalesce(new_exact, known.exact_digest), new_detail)
    ON CONFLICT (target_id, ordinal) DO UPDATE
    SET status = excluded.status, deployment = excluded.deployment, realignment = excluded.realignment, run = excluded.run,
        portable_digest = excluded.portable_digest, exact_digest = excluded.exact_digest, detail = excluded.detail,
        changed_at = clock_timestamp(), changed_by = session_user;
    UPDATE train.target t
    SET applications = overlay(rpad(t.applications, greatest(length(t.applications), its_ordinal), '.') PLACING mark FROM its_ordinal FOR 1)
    WHERE t.id = its_target;
    RETURN true;
END
$function$;
COMMENT ON FUNCTION train._set_application(bigint, integer, text, bigint, bigint, bigint, text, text, text) IS 'enters what became of a patch in a target';
REVOKE ALL ON FUNCTION train._set_application(bigint, integer, text, bigint, bigint, bigint, text, text, text) FROM PUBLIC;

