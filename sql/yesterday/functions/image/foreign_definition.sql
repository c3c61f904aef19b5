-- yesterday._foreign_definition(kind, object): definition of a foreign-data wrapper, a server or a user mapping, as
-- _rare_definition() has it.
CREATE FUNCTION yesterday._foreign_definition(kind text, object oid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    def jsonb;
BEGIN
    CASE kind
    WHEN 'foreign-data wrapper' THEN
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'create', concat_ws(' ', format('CREATE FOREIGN DATA WRAPPER %I', w.fdwname),
                'HANDLER ' || NULLIF(w.fdwhandler, 0)::regproc, 'VALIDATOR ' || NULLIF(w.fdwvalidator, 0)::regproc,
                yesterday._foreign_options(w.fdwoptions)),
            'handler', NULLIF(w.fdwhandler, 0)::regproc, 'validator', NULLIF(w.fdwvalidator, 0)::regproc, 'options', w.fdwoptions,
            'acl', CASE WHEN w.fdwacl <> acldefault('F', w.fdwowner) THEN yesterday._acl_items(w.fdwacl) END))
        INTO def
        FROM pg_foreign_data_wrapper w WHERE w.oid = object;

    WHEN 'server' THEN
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'create', concat_ws(' ', format('CREATE SERVER %I', s.srvname), 'TYPE ' || quote_literal(s.srvtype),
                'VERSION ' || quote_literal(s.srvversion), format('FOREIGN DATA WRAPPER %I', w.fdwname),
                yesterday._foreign_options(s.srvoptions)),
            'type', s.srvtype, 'version', s.srvversion, 'wrapper', w.fdwname, 'options', s.srvoptions,
            'acl', CASE WHEN s.srvacl <> acldefault('S', s.srvowner) THEN yesterday._acl_items(s.srvacl) END))
        INTO def
        FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE s.oid = object;

    WHEN 'user mapping' THEN
        SELECT jsonb_build_object('server', s.srvname, 'create', concat_ws(' ', format('CREATE USER MAPPING FOR %s SERVER %I',
            CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(m.umuser)) END, s.srvname),
            yesterday._foreign_options(m.umoptions)))
        INTO def
        FROM pg_user_mapping m JOIN pg_foreign_server s ON s.oid = m.umserver WHERE m.oid = object;
    ELSE
        NULL;
    END CASE;
    RETURN def;
END
$function$;
COMMENT ON FUNCTION yesterday._foreign_definition(text, oid) IS 'internal: definition of wrappers, servers and user mappings';
REVOKE ALL ON FUNCTION yesterday._foreign_definition(text, oid) FROM PUBLIC;

-- yesterday._foreign_options(options): {name=value, ...} as OPTIONS takes them.
CREATE FUNCTION yesterday._foreign_options(options text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('OPTIONS (%s)', string_agg(format('%I %L', split_part(o.value, '=', 1),
                                                    substr(o.value, strpos(o.value, '=') + 1)), ', ' ORDER BY o.place))
    FROM unnest(options) WITH ORDINALITY AS o(value, place)
    HAVING count(*) > 0
$function$;
COMMENT ON FUNCTION yesterday._foreign_options(text[]) IS 'internal: options of foreign data as a command takes them';
REVOKE ALL ON FUNCTION yesterday._foreign_options(text[]) FROM PUBLIC;

-- yesterday._option_changes(now, goal): OPTIONS that lead from one list to another, order included: all of the old
-- are dropped, all of the new added.
CREATE FUNCTION yesterday._option_changes(now_options jsonb, goal_options jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN now_options IS DISTINCT FROM goal_options THEN
        format('OPTIONS (%s)', string_agg(o.change, ', ' ORDER BY o.step, o.place)) END
    FROM (SELECT 1 AS step, n.ordinality AS place, format('DROP %I', split_part(n.value, '=', 1)) AS change
          FROM jsonb_array_elements_text(now_options) WITH ORDINALITY AS n
          UNION ALL
          SELECT 2, g.ordinality, format('ADD %I %L', split_part(g.value, '=', 1), substr(g.value, strpos(g.value, '=') + 1))
          FROM jsonb_array_elements_text(goal_options) WITH ORDINALITY AS g) o
$function$;
COMMENT ON FUNCTION yesterday._option_changes(jsonb, jsonb) IS 'internal: OPTIONS that change one list into another';
REVOKE ALL ON FUNCTION yesterday._option_changes(jsonb, jsonb) FROM PUBLIC;
