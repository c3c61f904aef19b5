-- Puts a patch at the end of the train, or finds it there.
CREATE FUNCTION train._release(its_group train.target_group, name text, kind text, digest text, requires text,
                               artifacts jsonb, manifest jsonb, note text, wanted integer, its_realignment bigint)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    known train.patch;
    last_one record;
    next_ordinal integer;
BEGIN
    IF coalesce(btrim(name), '') = '' OR coalesce(btrim(digest), '') = '' OR kind IS NULL OR kind NOT IN ('metadata', 'release') THEN
        RAISE EXCEPTION 'a patch needs a name, a digest and a kind'
            USING ERRCODE = 'YD022',
                  DETAIL = format('Given were name %s, digest %s, kind %s; kinds are metadata and release.',
                                  coalesce(quote_literal(name), 'NULL'), coalesce(quote_literal(digest), 'NULL'), coalesce(quote_literal(kind), 'NULL')),
                  HINT = 'All three are in the bundle: yesterday bundle inspect.';
    END IF;
    SELECT p.* INTO known FROM train.patch p WHERE p.group_id = its_group.id AND p.name = name;
    IF FOUND THEN
        IF known.digest <> digest THEN
            RAISE EXCEPTION 'bundle "%" is not the one that was released to group "%"', name, its_group.name
                USING ERRCODE = 'YDT06',
                      DETAIL = format('Patch %s was released at %s by %s with digest %s; this one has %s.',
                                      known.ordinal, known.released_at, known.released_by, known.digest, digest),
                      HINT = 'Deploy the bundle as it was released; a changed one is a new patch with a name of its own. '
                          || format('If no target has it yet, it can be taken off the train again: yesterday train withdraw %s --group %s --reason "..."', known.ordinal, train._word(its_group.name));
        END IF;
        IF wanted IS NOT NULL AND wanted <> known.ordinal THEN
            RAISE EXCEPTION 'bundle "%" is patch % of group "%", not %', name, known.ordinal, its_group.name, wanted
                USING ERRCODE = 'YDT05',
                      DETAIL = format('It was released at %s by %s.', known.released_at, known.released_by),
                      HINT = 'Leave the ordinal out, or give the right one.';
        END IF;
        RETURN known.ordinal;
    END IF;
    SELECT p.ordinal, p.name INTO last_one FROM train.patch p WHERE p.group_id = its_group.id ORDER BY p.ordinal DESC LIMIT 1;
    next_ordinal := coalesce(last_one.ordinal, 0) + 1;
    IF wanted IS NOT NULL AND wanted <> next_ordinal THEN
        RAISE EXCEPTION 'the next patch of group "%" is %, not %', its_group.name, next_ordinal, wanted
            USING ERRCODE = 'YDT05',
                  DETAIL = CASE WHEN last_one.ordinal IS NULL THEN 'There is none yet.'
                                ELSE format('The last one is %s, "%s".', last_one.ordinal, last_one.name) END,
                  HINT = 'Ordinals have no gaps: release what comes before it first.';
    END IF;
    IF requires IS NOT NULL AND requires IS DISTINCT FROM last_one.name THEN
        RAISE EXCEPTION 'bundle "%" requires "%" before it', name, requires
            USING ERRCODE = 'YDT05',
                  DETAIL = CASE WHEN last_one.ordinal IS NULL THEN format('Group "%s" has no patch yet.', its_group.name)
                                ELSE format('The last patch of group "%s" is %s, "%s".', its_group.name, last_one.ordinal, last_one.name) END,
                  HINT = 'Release the required one first, or build the bundle for what comes before it now.';
    END IF;
    SELECT r.id, t.name INTO last_one
    FROM train.realignment r JOIN train.target t ON t.id = r.target_id
    WHERE t.group_id = its_group.id AND r.state = 'applying' AND its_realignment IS NULL
      AND EXISTS (SELECT FROM train.realignment_step s WHERE s.realignment = r.id AND s.kind = 'fix');
    IF FOUND THEN
        RAISE EXCEPTION 'realignment % of target "%" is being applied, and its fix is the next patch', last_one.id, last_one.name
            USING ERRCODE = 'YDT13',
                  DETAIL = 'Two patches cannot have one ordinal.',
                  HINT = 'Wait until it is applied or has failed; then release this one.';
    END IF;
    PERFORM train._require_remembered(its_group, next_ordinal, digest);
    INSERT INTO train.patch (group_id, ordinal, name, kind, digest, artifacts, manifest, note, realignment, released_role)
    VALUES (its_group.id, next_ordinal, name, kind, digest, artifacts, manifest, note, its_realignment, train._caller());
    PERFORM train._log('release_patch', its_group.name, NULL, note, jsonb_build_object(
        'ordinal', next_ordinal, 'name', name, 'kind', kind, 'digest', digest, 'artifacts', artifacts, 'realignment', its_realignment));
    RETURN next_ordinal;
END
$function$;
COMMENT ON FUNCTION train._release(train.target_group, text, text, text, text, jsonb, jsonb, text, integer, bigint) IS
    'puts a patch at the end of the train, or finds it there';
REVOKE ALL ON FUNCTION train._release(train.target_group, text, text, text, text, jsonb, jsonb, text, integer, bigint) FROM PUBLIC;

