-- Puts the fix at the end of a plan, or another one in its place. What was signed and rehearsed was another plan.
CREATE FUNCTION train.add_fix(realignment bigint, name text, kind text, digest text, artifacts jsonb DEFAULT NULL,
                              manifest jsonb DEFAULT NULL, note text DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.realignment;
    its_target train.target;
    known train.patch;
    last_ordinal integer;
    new_step integer;
BEGIN
    IF coalesce(btrim(name), '') = '' OR coalesce(btrim(digest), '') = '' OR kind IS NULL OR kind NOT IN ('metadata', 'release') THEN
        RAISE EXCEPTION 'a fix needs a name, a digest and a kind'
            USING ERRCODE = 'YD022',
                  DETAIL = format('Given were name %s, digest %s, kind %s; kinds are metadata and release.',
                                  coalesce(quote_literal(name), 'NULL'), coalesce(quote_literal(digest), 'NULL'), coalesce(quote_literal(kind), 'NULL')),
                  HINT = 'All three are in the bundle: yesterday bundle inspect.';
    END IF;
    PERFORM train._begin_write('add_fix()');
    entry := train._realignment(realignment);
    PERFORM train._require_state(entry, '{draft,signed,rehearsed}', 'add_fix()');
    SELECT t.* INTO STRICT its_target FROM train.target t WHERE t.id = entry.target_id;
    SELECT p.* INTO known FROM train.patch p WHERE p.group_id = its_target.group_id AND (p.name = name OR p.digest = digest);
    IF FOUND THEN
        RAISE EXCEPTION 'bundle "%" is patch % of the train already', known.name, known.ordinal
            USING ERRCODE = 'YDT06',
                  DETAIL = format('Its digest is %s.', known.digest),
                  HINT = 'A fix is a new bundle, with a name of its own: it becomes the next patch of the train.';
    END IF;
    SELECT coalesce(max(p.ordinal), 0) INTO last_ordinal FROM train.patch p WHERE p.group_id = its_target.group_id;
    IF last_ordinal > entry.through THEN
        RAISE EXCEPTION 'the fix cannot be the next patch: % is released and in no target yet', last_ordinal
            USING ERRCODE = 'YDT05',
                  DETAIL = format('The plan leads to %s, where the peers stand.', entry.through),
                  HINT = format('Deploy the group up to %s, then cancel this plan and make a new one.', last_ordinal);
    END IF;
    DELETE FROM train.realignment_step s WHERE s.realignment = realignment AND s.kind = 'fix';
    SELECT coalesce(max(s.step), 0) + 1 INTO new_step FROM train.realignment_step s WHERE s.realignment = realignment;
    INSERT INTO train.realignment_step (realignment, step, kind, name, patch_kind, digest, artifacts, manifest, note)
    VALUES (realignment, new_step, 'fix', btrim(name), kind, digest, artifacts, manifest, note);
    UPDATE train.realignment_step s SET signed_at = NULL, signed_by = NULL, signed_role = NULL, sign_reason = NULL
    WHERE s.realignment = realignment;
    UPDATE train.realignment r
    SET state = 'draft', plan_digest = NULL, rehearsed_at = NULL, rehearsed_by = NULL, rehearsed_position = NULL, rehearsed_state = NULL, rehearsal = NULL
    WHERE r.id = realignment;
    PERFORM train._log('add_fix', (SELECT g.name FROM train.target_group g WHERE g.id = its_target.group_id), its_target.name, note,
                       jsonb_build_object('realignment', realignment, 'step', new_step, 'name', btrim(name), 'kind', kind, 'digest', digest));
    RETURN new_step;
END
$function$;
COMMENT ON FUNCTION train.add_fix(bigint, text, text, text, jsonb, jsonb, text) IS 'puts the fix at the end of a plan, or another one in its place';
REVOKE ALL ON FUNCTION train.add_fix(bigint, text, text, text, jsonb, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.add_fix(bigint, text, text, text, jsonb, jsonb, text) TO yesterday_operator;

