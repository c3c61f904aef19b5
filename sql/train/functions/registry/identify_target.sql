-- A database that was restored elsewhere, or upgraded, is the same target with another identity. Somebody
-- has to say so: a copy of it looks just like that.
CREATE FUNCTION train.identify_target(target text, system_identifier bigint, database_oid oid, database name, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry train.target;
BEGIN
    PERFORM train._require_reason(reason, 'identify_target');
    PERFORM train._begin_write('identify_target()');
    entry := train._target(target);
    PERFORM train._check_unregistered(system_identifier, database_oid, entry.id);
    UPDATE train.target t
    SET system_identifier = system_identifier, database_oid = database_oid, database_name = database
    WHERE t.id = entry.id;
    PERFORM train._log('identify_target', (SELECT g.name FROM train.target_group g WHERE g.id = entry.group_id), target, reason,
        jsonb_build_object('was', jsonb_build_object('system_identifier', entry.system_identifier, 'database_oid', entry.database_oid::bigint,
                                                     'database', entry.database_name),
                           'is', jsonb_build_object('system_identifier', system_identifier, 'database_oid', database_oid::bigint,
                                                    'database', database)));
END
$function$;
COMMENT ON FUNCTION train.identify_target(text, bigint, oid, name, text) IS 'gives a target that was restored or upgraded its new identity';
REVOKE ALL ON FUNCTION train.identify_target(text, bigint, oid, name, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.identify_target(text, bigint, oid, name, text) TO yesterday_admin;

