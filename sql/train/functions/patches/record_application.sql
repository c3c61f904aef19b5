-- What becomes of a patch in a target, step by step. The same again is no news.
CREATE FUNCTION train.record_application(
    target text, ordinal integer, status text, deployment bigint DEFAULT NULL, portable_digest text DEFAULT NULL,
    exact_digest text DEFAULT NULL, detail text DEFAULT NULL, run bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target;
    its_patch train.patch;
    was text;
    stop record;
BEGIN
    IF status IS NULL OR status NOT IN ('applying', 'applied', 'failed', 'diverged', 'missed', 'rolled_back') THEN
        RAISE EXCEPTION 'status => % is not known', coalesce(quote_literal(status), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = '"realigned" comes by mark_applied() alone.',
                  HINT = 'Use applying, applied, failed, diverged, missed or rolled_back.';
    END IF;
    PERFORM train._begin_write('record_application()');
    entry := train._target(target);
    its_patch := train._patch(entry.group_id, ordinal);
    IF status <> 'rolled_back' THEN
        PERFORM train._require_group_lock(entry.group_id, 'record_application()');
    END IF;
    SELECT a.status INTO was FROM train.application a WHERE a.target_id = entry.id AND a.ordinal = ordinal;
    IF status = 'applying' THEN
        SELECT c.* INTO stop FROM train.check_target(target, ordinal, run, clock_timestamp()) c LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'patch % "%" cannot be applied to target "%": %', ordinal, its_patch.name, target, stop.problem
                USING ERRCODE = stop.code,
                      DETAIL = 'Nothing was changed.',
                      HINT = stop.hint;
        END IF;
    ELSIF status = 'rolled_back' AND coalesce(was, 'pending') NOT IN ('applied', 'realigned', 'rolled_back')
       OR status IN ('failed', 'diverged', 'missed') AND was IN ('applied', 'realigned')
       OR status = 'missed' AND was = 'rolled_back'
       OR status = 'applied' AND coalesce(was, 'pending') NOT IN ('applying', 'applied', 'realigned')
    THEN
        RAISE EXCEPTION 'patch % "%" is % in target "%", so it cannot become %', ordinal, its_patch.name,
                replace(coalesce(was, 'pending'), '_', ' '), target, replace(status, '_', ' ')
            USING ERRCODE = 'YDT13',
                  DETAIL = 'Nothing was changed.',
                  HINT = 'What happened in the target counts: train.sync_target() takes it over from there.';
    END IF;
    IF status = 'applied' AND portable_digest IS NOT NULL AND portable_digest <> its_patch.reference_digest THEN
        RAISE EXCEPTION 'target "%" has diverged: patch % "%" displaced something else there', target, ordinal, its_patch.name
            USING ERRCODE = 'YDT09',
                  DETAIL = format('Its portable digest is %s; that of the reference, target "%s", is %s.', portable_digest,
                                  (SELECT t.name FROM train.target t WHERE t.id = its_patch.reference_target), its_patch.reference_digest),
                  HINT = 'Commit nothing there. yesterday train check names the tables that differ; yesterday.local_columns() proposes what should not count.';
    END IF;
    IF NOT train._set_application(entry.id, ordinal, status, deployment, NULL, run, portable_digest, exact_digest, detail) THEN
        RETURN;
    END IF;
    IF status = 'applied' AND portable_digest IS NOT NULL AND its_patch.reference_digest IS NULL THEN
        UPDATE train.patch p SET reference_digest = portable_digest, reference_target = entry.id
        WHERE p.group_id = entry.group_id AND p.ordinal = ordinal;
    END IF;
    PERFORM train._log(status, (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, detail,
        jsonb_strip_nulls(jsonb_build_object('ordinal', ordinal, 'patch', its_patch.name, 'was', was, 'deployment', deployment, 'run', run,
                                             'portable_digest', portable_digest, 'exact_digest', exact_digest)));
END
$function$;
COMMENT ON FUNCTION train.record_application(text, integer, text, bigint, text, text, text, bigint) IS 'records what becomes of a patch in a target';
REVOKE ALL ON FUNCTION train.record_application(text, integer, text, bigint, text, text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.record_application(text, integer, text, bigint, text, text, text, bigint) TO yesterday_deployer, yesterday_operator;

