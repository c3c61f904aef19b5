-- This database is a target of a train. From now on its deployments leave portable digests of what they displaced, and
-- a target that was rolled back is cleared by a realignment or by an explicit acceptance.
CREATE FUNCTION yesterday.enroll(registry uuid, group_name text, target text, partner_layers text[] DEFAULT '{partner}')
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    known record;
BEGIN
    IF registry IS NULL OR coalesce(btrim(group_name), '') = '' OR coalesce(btrim(target), '') = '' THEN
        RAISE EXCEPTION 'enroll() needs a registry, a group and a name'
            USING ERRCODE = 'YD022',
                  DETAIL = 'A target is on one train, under one name.',
                  HINT = 'SELECT train.registry_id(); in the registry has the first.';
    END IF;
    PERFORM yesterday._lock_target('enroll()');
    SELECT * INTO known FROM yesterday._setting();
    IF known.registry IS NOT NULL AND (known.registry, known.group_name) <> (registry, group_name) THEN
        RAISE EXCEPTION 'this database is target "%" of group "%" already', known.target, known.group_name
            USING ERRCODE = 'YD025',
                  DETAIL = format('In registry %s. Of two trains it would get the patches of both.', known.registry),
                  HINT = format('If it is to change over, take it out of that registry: yesterday target remove %s --reason "..."; where the registry is lost, here: SELECT yesterday.leave_train(''why'');', yesterday._target_word());
    END IF;
    INSERT INTO yesterday.target_setting AS s (registry, group_name, target, partner_layers, enrolled_at, aligned_change)
    -- what happened before does not count, unless it has not come to its end
    VALUES (registry, group_name, target, coalesce(partner_layers, '{}'), clock_timestamp(),
            CASE WHEN known.registry IS NULL AND (SELECT c.state FROM yesterday._state() c) = 'on_train'
                 THEN coalesce((SELECT max(c.id) FROM yesterday.state_change c), 0) ELSE known.aligned_change END)
    ON CONFLICT ON CONSTRAINT target_setting_pkey DO UPDATE
    SET registry = excluded.registry, group_name = excluded.group_name, target = excluded.target,
        partner_layers = excluded.partner_layers, enrolled_at = excluded.enrolled_at, aligned_change = excluded.aligned_change;
    PERFORM yesterday._log('enroll', NULL, NULL, jsonb_build_object(
        'registry', registry, 'group', group_name, 'target', target, 'partner_layers', coalesce(partner_layers, '{}')));
END
$function$;
COMMENT ON FUNCTION yesterday.enroll(uuid, text, text, text[]) IS 'puts this database on a train';
REVOKE ALL ON FUNCTION yesterday.enroll(uuid, text, text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.enroll(uuid, text, text, text[]) TO yesterday_admin;

