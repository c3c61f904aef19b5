-- A place on the train that a forgotten patch had in the targets is for that patch alone, and patches come back in order:
-- else it would be applied to them again, or behind one that was built on it.
CREATE FUNCTION train._require_remembered(its_group train.target_group, next_ordinal integer, digest text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    lost record;
BEGIN
    SELECT f.ordinal, f.name, f.kind, f.digest, f.deployment, t.name AS target INTO lost
    FROM train.forgotten_patch f JOIN train.target t ON t.id = f.target_id
    WHERE f.group_id = its_group.id AND f.ordinal >= next_ordinal
      -- where it has forgotten what came before, too, only those that it knows of have to wait
      AND (f.ordinal = next_ordinal OR f.digest = digest)
    ORDER BY f.digest = digest AND f.ordinal = next_ordinal DESC, f.ordinal LIMIT 1;
    IF NOT FOUND OR lost.digest = digest AND lost.ordinal = next_ordinal THEN
        RETURN;
    END IF;
    IF lost.digest = digest THEN
        RAISE EXCEPTION 'patch % "%" of group "%" does not come next: the registry has forgotten what was before it', lost.ordinal, lost.name, its_group.name
            USING ERRCODE = 'YDT05',
                  DETAIL = format('Target "%s" has it, as deployment %s; the next place on the train is %s. The registry was restored from an older backup. Nothing was changed.',
                                  lost.target, lost.deployment, next_ordinal),
                  HINT = format('Put patch %s back first: yesterday train release BUNDLE --group %s.', next_ordinal, train._word(its_group.name));
    END IF;
    RAISE EXCEPTION 'the registry has forgotten patch % "%" of group "%"', lost.ordinal, lost.name, its_group.name
        USING ERRCODE = 'YDT05',
              DETAIL = format('Target "%s" has it, as deployment %s; the registry was restored from an older backup. Nothing was changed.', lost.target, lost.deployment),
              HINT = format('Put it back first, as it was released: yesterday train release BUNDLE --group %s. In SQL: SELECT train.release_patch(%L, %L, %L, %L);',
                            train._word(its_group.name), its_group.name, lost.name, lost.kind, lost.digest);
END
$function$;
COMMENT ON FUNCTION train._require_remembered(train.target_group, integer, text) IS 'raises where a forgotten patch has this place on the train';
REVOKE ALL ON FUNCTION train._require_remembered(train.target_group, integer, text) FROM PUBLIC;

