-- Registers a target. A baseline says which patches were in it before it came onto the train.
CREATE FUNCTION train.add_target(
    name text, group_name text, conninfo text, system_identifier bigint, database_oid oid, database name,
    time_zone text DEFAULT 'UTC', window_start time DEFAULT NULL, window_end time DEFAULT NULL,
    window_days integer[] DEFAULT NULL, dedicated boolean DEFAULT true, canary integer DEFAULT NULL,
    baseline integer DEFAULT 0)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    its_group train.target_group;
    entry record;
    last_ordinal integer;
    new_id bigint;
BEGIN
    IF coalesce(btrim(name), '') = '' THEN
        RAISE EXCEPTION 'a target needs a name'
            USING ERRCODE = 'YD022',
                  DETAIL = 'By its name it is found on the board.',
                  HINT = 'SELECT train.add_target(''partner 7'', ''production'', ''service=erp7'', ...);';
    END IF;
    PERFORM train._check_name(name, 'target');
    PERFORM train._check_conninfo(conninfo);
    PERFORM train._check_time_zone(time_zone);
    PERFORM train._check_window(window_start, window_end, window_days);
    PERFORM train._begin_write('add_target()');
    its_group := train._group(group_name);
    SELECT g.name INTO entry FROM train.target t JOIN train.target_group g ON g.id = t.group_id
    WHERE t.name = btrim(name) AND t.removed_at IS NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'there is a target "%" already, in group "%"', btrim(name), entry.name
            USING ERRCODE = 'YDT02',
                  DETAIL = 'A target has one name and one group.',
                  HINT = format('Choose another name, or take that one out first: yesterday target remove %s --reason "..."; in SQL train.remove_target(%L, ''why'').',
                                train._word(btrim(name)), btrim(name));
    END IF;
    PERFORM train._check_unregistered(system_identifier, database_oid, NULL);
    SELECT coalesce(max(p.ordinal), 0) INTO last_ordinal FROM train.patch p WHERE p.group_id = its_group.id;
    IF coalesce(baseline, 0) NOT BETWEEN 0 AND last_ordinal THEN
        RAISE EXCEPTION 'baseline % is not on the train of group "%"', baseline, group_name
            USING ERRCODE = 'YDT05',
                  DETAIL = format('Its last patch is %s.', last_ordinal),
                  HINT = 'Give the ordinal of the last patch that is in the database already, or 0.';
    END IF;
    INSERT INTO train.target AS t
        (group_id, name, conninfo, system_identifier, database_oid, database_name, dedicated, time_zone,
         window_start, window_end, window_days, canary)
    VALUES (its_group.id, btrim(name), conninfo, system_identifier, database_oid, database, coalesce(dedicated, true),
            time_zone, window_start, window_end, window_days, canary)
    RETURNING t.id INTO new_id;
    FOR entry IN SELECT p.ordinal FROM train.patch p WHERE p.group_id = its_group.id AND p.ordinal <= baseline ORDER BY 1
    LOOP
        PERFORM train._set_application(new_id, entry.ordinal, 'applied', NULL, NULL, NULL, NULL, NULL, 'in it when it was registered');
    END LOOP;
    PERFORM train._log('add_target', group_name, btrim(name), NULL, jsonb_build_object(
        'conninfo', conninfo, 'system_identifier', system_identifier, 'database', database, 'database_oid', database_oid::bigint,
        'dedicated', coalesce(dedicated, true), 'time_zone', time_zone, 'window_start', window_start, 'window_end', window_end,
        'window_days', window_days, 'baseline', coalesce(baseline, 0)));
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION train.add_target(text, text, text, bigint, oid, name, text, time, time, integer[], boolean, integer, integer) IS
    'registers a target of a group';
REVOKE ALL ON FUNCTION train.add_target(text, text, text, bigint, oid, name, text, time, time, integer[], boolean, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.add_target(text, text, text, bigint, oid, name, text, time, time, integer[], boolean, integer, integer) TO yesterday_admin;

