-- Neither the target nor its peers have moved since the plan was made.
CREATE FUNCTION train._require_fresh(entry train.realignment, now_at text, what text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    its_target train.target;
    peers integer;
    last_ordinal integer;
BEGIN
    SELECT t.* INTO STRICT its_target FROM train.target t WHERE t.id = entry.target_id;
    IF now_at IS DISTINCT FROM entry."position" THEN
        RAISE EXCEPTION '%: target "%" is not where the plan found it', what, its_target.name
            USING ERRCODE = 'YDT11',
                  DETAIL = format('Planned at position %s; it is at %s.', entry."position", coalesce(now_at, 'NULL')),
                  HINT = format('Make a new plan: yesterday train cancel %1$s --reason "...", then yesterday train plan %1$s --reason "..."; in SQL train.cancel_realignment(%2$s, ''why''), sync_target(), create_realignment().', train._word(entry), entry.id);
    END IF;
    peers := train._peers_position(its_target.group_id, its_target.id);
    SELECT coalesce(max(p.ordinal), 0) INTO last_ordinal FROM train.patch p WHERE p.group_id = its_target.group_id;
    PERFORM train._require_remembered(g, last_ordinal + 1, NULL) FROM train.target_group g WHERE g.id = its_target.group_id;
    IF peers > entry.through
       OR last_ordinal > entry.through AND EXISTS (SELECT FROM train.realignment_step s WHERE s.realignment = entry.id AND s.kind = 'fix') THEN
        RAISE EXCEPTION '%: the train has moved on to %', what, greatest(peers, last_ordinal)
            USING ERRCODE = 'YDT11',
                  DETAIL = format('The plan leads to %s.', entry.through),
                  HINT = format('Make a new plan, which has the newer patches: yesterday train cancel %1$s --reason "...", then yesterday train plan %1$s --reason "..."; in SQL train.cancel_realignment(%2$s, ''why''), create_realignment().', train._word(entry), entry.id);
    END IF;
END
$function$;
COMMENT ON FUNCTION train._require_fresh(train.realignment, text, text) IS 'raises when target or peers have moved since the plan was made';
REVOKE ALL ON FUNCTION train._require_fresh(train.realignment, text, text) FROM PUBLIC;

