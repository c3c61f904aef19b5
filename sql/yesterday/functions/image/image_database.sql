-- yesterday._image_database(deployment, phase): enters what is set, granted and said on this database itself. It has no
-- name in the image: a copy of it can have another one.
CREATE FUNCTION yesterday._image_database(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
BEGIN
    INSERT INTO yesterday.schema_object
        (deployment, phase, classid, objid, kind, object_name, identity, owner, definition)
    SELECT $1, $2, 'pg_database'::regclass, d.oid, 'database', '(this one)', '(this one)', pg_get_userbyid(d.datdba),
           jsonb_strip_nulls(jsonb_build_object(
               'connection_limit', d.datconnlimit, 'allow_connections', d.datallowconn, 'is_template', d.datistemplate,
               'settings', (SELECT jsonb_object_agg(CASE WHEN s.setrole = 0 THEN '' ELSE pg_get_userbyid(s.setrole) END, s.setconfig)
                            FROM pg_db_role_setting s WHERE s.setdatabase = d.oid),
               'acl', CASE WHEN d.datacl <> acldefault('d', d.datdba) THEN yesterday._acl_items(d.datacl) END,
               'comment', shobj_description(d.oid, 'pg_database')))
    FROM pg_database d WHERE d.datname = current_database();
END
$function$;
COMMENT ON FUNCTION yesterday._image_database(bigint, text) IS 'internal: this database in a schema image';
REVOKE ALL ON FUNCTION yesterday._image_database(bigint, text) FROM PUBLIC;

-- yesterday._database_commands(now, goal): commands that change the settings of this database.
CREATE FUNCTION yesterday._database_commands(now_def jsonb, goal jsonb) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.command FROM (
        SELECT 0 AS step, '' AS role, 0::bigint AS place, format('ALTER DATABASE %I WITH CONNECTION LIMIT %s ALLOW_CONNECTIONS %s IS_TEMPLATE %s',
                   current_database(), goal ->> 'connection_limit', goal ->> 'allow_connections', goal ->> 'is_template') AS command
        WHERE now_def - '{settings,acl,comment}'::text[] <> goal - '{settings,acl,comment}'::text[]
        UNION ALL
        -- all that a role has here anew: they are kept in their order
        SELECT 1, n.key, 0, format('ALTER %s RESET ALL', yesterday._settings_of(n.key))
        FROM jsonb_each(now_def -> 'settings') n
        WHERE n.value IS DISTINCT FROM goal -> 'settings' -> n.key
        UNION ALL
        SELECT 2, g.key, s.ordinality, format('ALTER %s SET %s TO %s', yesterday._settings_of(g.key), v.name,
            -- lists of names are set as lists
            CASE WHEN v.name IN ('search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries') THEN
                     coalesce((SELECT string_agg(quote_literal(CASE WHEN m[1] LIKE '"%' THEN replace(substr(m[1], 2, length(m[1]) - 2), '""', '"')
                                                           ELSE m[1] END), ', ')
                               FROM regexp_matches(v.value, '\s*("(?:[^"]|"")*"|[^,"\s]+)\s*(?:,|$)', 'g') m), quote_literal(''))
                 ELSE quote_literal(v.value) END)
        FROM jsonb_each(goal -> 'settings') g
        CROSS JOIN LATERAL jsonb_array_elements_text(g.value) WITH ORDINALITY AS s
        CROSS JOIN LATERAL (SELECT split_part(s.value, '=', 1), substr(s.value, strpos(s.value, '=') + 1)) AS v (name, value)
        WHERE g.value IS DISTINCT FROM now_def -> 'settings' -> g.key
    ) c ORDER BY c.step, c.role, c.place
$function$;
COMMENT ON FUNCTION yesterday._database_commands(jsonb, jsonb) IS 'internal: commands that change the settings of this database';
REVOKE ALL ON FUNCTION yesterday._database_commands(jsonb, jsonb) FROM PUBLIC;

-- yesterday._settings_of(role): whose settings in this database a command means; '' those for all roles.
CREATE FUNCTION yesterday._settings_of(role text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN role = '' THEN format('DATABASE %I', current_database())
                ELSE format('ROLE %I IN DATABASE %I', role, current_database()) END
$function$;
COMMENT ON FUNCTION yesterday._settings_of(text) IS 'internal: words for the settings of a role in this database';
REVOKE ALL ON FUNCTION yesterday._settings_of(text) FROM PUBLIC;
