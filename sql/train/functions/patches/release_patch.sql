-- Puts a bundle on the train of a group.
CREATE FUNCTION train.release_patch(
    group_name text, name text, kind text, digest text, requires text DEFAULT NULL, artifacts jsonb DEFAULT NULL,
    manifest jsonb DEFAULT NULL, note text DEFAULT NULL, ordinal integer DEFAULT NULL)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    PERFORM train._begin_write('release_patch()');
    RETURN train._release(train._group(group_name), name, kind, digest, requires, artifacts, manifest, note, ordinal, NULL);
END
$function$;
COMMENT ON FUNCTION train.release_patch(text, text, text, text, text, jsonb, jsonb, text, integer) IS
    'puts a bundle on the train of a group; returns its ordinal, the same one when it is there already';
REVOKE ALL ON FUNCTION train.release_patch(text, text, text, text, text, jsonb, jsonb, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.release_patch(text, text, text, text, text, jsonb, jsonb, text, integer) TO yesterday_deployer;

