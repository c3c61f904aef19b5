-- A new group, with an empty train.
CREATE FUNCTION train.add_group(name text, partner_layers text[] DEFAULT '{partner}', note text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    new_id bigint;
BEGIN
    IF coalesce(btrim(name), '') = '' THEN
        RAISE EXCEPTION 'a group needs a name'
            USING ERRCODE = 'YD022',
                  DETAIL = 'Its targets receive the same patches.',
                  HINT = 'SELECT train.add_group(''production'');';
    END IF;
    PERFORM train._check_name(name, 'group');
    PERFORM train._begin_write('add_group()');
    IF EXISTS (SELECT FROM train.target_group g WHERE g.name = btrim(name)) THEN
        RAISE EXCEPTION 'there is a group "%" already', btrim(name)
            USING ERRCODE = 'YDT02',
                  DETAIL = 'Names of groups are unique.',
                  HINT = 'SELECT * FROM train.groups;';
    END IF;
    INSERT INTO train.target_group AS g (name, partner_layers, note)
    VALUES (btrim(name), coalesce(partner_layers, '{}'), note)
    RETURNING g.id INTO new_id;
    PERFORM train._log('add_group', btrim(name), NULL, note, jsonb_build_object('partner_layers', coalesce(partner_layers, '{}')));
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION train.add_group(text, text[], text) IS 'makes a group of targets that receive the same patches';
REVOKE ALL ON FUNCTION train.add_group(text, text[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.add_group(text, text[], text) TO yesterday_admin;

