-- Gives the lock of a group back.
CREATE FUNCTION train.unlock_group(group_name text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    its_group train.target_group := train._group(group_name);
BEGIN
    IF train._group_lock_pid(its_group.id) IS DISTINCT FROM pg_backend_pid() THEN
        RETURN false;
    END IF;
    RETURN pg_advisory_unlock(train._lock_class(), its_group.id::integer);
END
$function$;
COMMENT ON FUNCTION train.unlock_group(text) IS 'gives the lock of a group back; false: it was not held';
REVOKE ALL ON FUNCTION train.unlock_group(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.unlock_group(text) TO yesterday_deployer, yesterday_operator;

