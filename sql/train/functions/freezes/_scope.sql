-- What a freeze is about: one of target and group.
CREATE FUNCTION train._scope(target text, group_name text, what text, OUT its_target bigint, OUT its_group bigint, OUT log_group text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry train.target;
BEGIN
    IF (target IS NULL) = (group_name IS NULL) THEN
        RAISE EXCEPTION '% is about a target or about a group', what
            USING ERRCODE = 'YD022',
                  DETAIL = 'Both were given, or none.',
                  HINT = 'Give target => ''name'' or group_name => ''name''.';
    END IF;
    IF target IS NOT NULL THEN
        entry := train._target(target);
        its_target := entry.id;
        SELECT g.name INTO log_group FROM train.target_group g WHERE g.id = entry.group_id;
    ELSE
        its_group := (train._group(group_name)).id;
        log_group := group_name;
    END IF;
END
$function$;
COMMENT ON FUNCTION train._scope(text, text, text) IS 'what a freeze is about';
REVOKE ALL ON FUNCTION train._scope(text, text, text) FROM PUBLIC;

