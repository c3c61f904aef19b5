-- Changes what may change of a target. Null leaves as it is.
CREATE FUNCTION train.change_target(target text, conninfo text DEFAULT NULL, time_zone text DEFAULT NULL,
                                    dedicated boolean DEFAULT NULL, canary integer DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target;
BEGIN
    IF conninfo IS NOT NULL THEN
        PERFORM train._check_conninfo(conninfo);
    END IF;
    IF time_zone IS NOT NULL THEN
        PERFORM train._check_time_zone(time_zone);
    END IF;
    PERFORM train._begin_write('change_target()');
    entry := train._target(target);
    UPDATE train.target t
    SET conninfo = coalesce(conninfo, t.conninfo), time_zone = coalesce(time_zone, t.time_zone),
        dedicated = coalesce(dedicated, t.dedicated), canary = coalesce(canary, t.canary)
    WHERE t.id = entry.id;
    PERFORM train._log('change_target', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, NULL,
        jsonb_strip_nulls(jsonb_build_object('conninfo', conninfo, 'time_zone', time_zone, 'dedicated', dedicated, 'canary', canary)));
END
$function$;
COMMENT ON FUNCTION train.change_target(text, text, text, boolean, integer) IS 'changes where a target is, its time zone, whether it is dedicated, its place in line';
REVOKE ALL ON FUNCTION train.change_target(text, text, text, boolean, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.change_target(text, text, text, boolean, integer) TO yesterday_admin;

