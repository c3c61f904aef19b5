-- A realignment goes its way step by step.
CREATE FUNCTION train._require_state(entry train.realignment, allowed text[], what text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    its_name text := (SELECT t.name FROM train.target t WHERE t.id = entry.target_id);
BEGIN
    IF entry.state = ANY (allowed) THEN
        RETURN;
    END IF;
    IF entry.state IN ('applied', 'cleared') THEN
        RAISE EXCEPTION '%: realignment % of target "%" is applied already', what, entry.id, its_name
            USING ERRCODE = 'YDT12',
                  DETAIL = format('As deployment %s of the target, at %s by %s.', entry.deployment, entry.applied_at, entry.applied_by),
                  HINT = CASE entry.state WHEN 'applied' THEN format('Clear the target: yesterday train clear %s --reason "..."; in SQL yesterday.clear_freeze(''why'') there, then train.clear().', train._word(entry))
                              ELSE 'It is back on the train; there is nothing to do.' END;
    END IF;
    IF entry.state = 'draft' AND NOT 'draft' = ANY (allowed) THEN
        RAISE EXCEPTION '%: realignment % of target "%" is not signed', what, entry.id, its_name
            USING ERRCODE = 'YDT10',
                  DETAIL = coalesce('Not signed: ' || (SELECT string_agg(format('step %s "%s"', s.step, s.name), ', ' ORDER BY s.step)
                                                      FROM train.realignment_step s WHERE s.realignment = entry.id AND s.signed_at IS NULL) || '.',
                                    'It has no step.'),
                  HINT = format('yesterday train approve %s --reason "..."; in SQL train.sign_step(%s, step, ''why''), one after another.', train._word(entry), entry.id);
    END IF;
    IF entry.state = 'signed' THEN
        RAISE EXCEPTION '%: realignment % of target "%" is not rehearsed', what, entry.id, its_name
            USING ERRCODE = 'YDT11',
                  DETAIL = 'It was never rehearsed, or the plan or the target has changed since.',
                  HINT = format('Rehearse it on the target as it is now, then call it again: yesterday train rehearse %s --bundles FOLDER', train._word(entry));
    END IF;
    RAISE EXCEPTION '%: realignment % of target "%" is %', what, entry.id, its_name, entry.state
        USING ERRCODE = 'YDT13',
              DETAIL = format('Possible when it is %s.%s', array_to_string(allowed, ' or '), coalesce(' ' || entry.end_reason, '')),
              HINT = format('yesterday train plan %s shows where it stands; in SQL SELECT * FROM train.realignments;', train._word(its_name));
END
$function$;
COMMENT ON FUNCTION train._require_state(train.realignment, text[], text) IS 'raises unless a realignment is in one of these states';
REVOKE ALL ON FUNCTION train._require_state(train.realignment, text[], text) FROM PUBLIC;

