-- Freezes a target or a whole group, for whoever deploys by the registry. In the target itself
-- yesterday.freeze() does it, for everybody.
CREATE FUNCTION train.freeze(reason text, target text DEFAULT NULL, group_name text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    scope record;
    new_id bigint;
BEGIN
    PERFORM train._require_reason(reason, 'freeze');
    PERFORM train._begin_write('freeze()');
    scope := train._scope(target, group_name, 'freeze()');
    INSERT INTO train.freeze AS f (kind, group_id, target_id, reason, set_role)
    VALUES ('hand', scope.its_group, scope.its_target, reason, train._caller())
    RETURNING f.id INTO new_id;
    PERFORM train._log('freeze', scope.log_group, target, reason, jsonb_build_object('freeze', new_id));
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION train.freeze(text, text, text) IS 'freezes a target or a group until clear_freeze()';
REVOKE ALL ON FUNCTION train.freeze(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.freeze(text, text, text) TO yesterday_operator;

