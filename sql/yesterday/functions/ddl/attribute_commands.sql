-- yesterday._attribute_commands(kind, identity, now, goal, now owner, goal owner, schema): owner,
-- ACL and comment of an object, and of the columns of a relation. They come last: they need
-- everything to exist and nothing needs them.
--   now   '{}' for an object that was just made: its ACL is what default privileges gave it
CREATE FUNCTION yesterday._attribute_commands(kind text, identity text, now_def jsonb, goal jsonb,
                                              now_owner name, goal_owner name, schema_name name)
RETURNS TABLE (owner name, command text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    word text := yesterday._object_word(kind);
    acl_word text := CASE kind WHEN 'aggregate' THEN 'FUNCTION'
                               WHEN 'materialized view' THEN 'TABLE' WHEN 'view' THEN 'TABLE'
                               WHEN 'foreign table' THEN 'TABLE' WHEN 'domain' THEN 'TYPE'
                               WHEN 'server' THEN 'FOREIGN SERVER'
                               ELSE yesterday._object_word(kind) END;
    acl_type "char" := CASE WHEN acl_word = 'TABLE' THEN 'r' WHEN acl_word = 'SEQUENCE' THEN 's'
                            WHEN acl_word IN ('FUNCTION', 'PROCEDURE') THEN 'f'
                            WHEN acl_word = 'SCHEMA' THEN 'n' WHEN acl_word = 'TYPE' THEN 'T'
                            WHEN acl_word = 'LANGUAGE' THEN 'l' WHEN acl_word = 'DATABASE' THEN 'd'
                            WHEN acl_word = 'FOREIGN SERVER' THEN 'S'
                            WHEN acl_word = 'FOREIGN DATA WRAPPER' THEN 'F' END;
    is_new boolean := now_def = '{}';
    acl_now jsonb;
    acl_goal jsonb;
    col jsonb;
    col_now jsonb;
    col_acl jsonb;
BEGIN
    IF kind = 'database' THEN
        identity := quote_ident(current_database());
    END IF;
    IF now_owner <> goal_owner AND NOT goal ? 'owned_by' AND kind IN ('schema', 'table', 'foreign table', 'view',
           'materialized view', 'sequence', 'function', 'procedure', 'aggregate', 'enum',
           'composite type', 'range', 'domain', 'statistics', 'publication', 'collation', 'conversion',
           'shell type', 'database', 'operator', 'operator class', 'operator family', 'language', 'event trigger', 'text search dictionary', 'text search configuration', 'foreign-data wrapper', 'server') THEN
        -- As the extension's owner: nobody else may give an object away, and no code runs.
        owner := current_user;
        command := format('ALTER %s %s OWNER TO %I', word, identity, goal_owner);
        RETURN NEXT;
    END IF;
    owner := goal_owner;

    IF now_def ->> 'comment' IS DISTINCT FROM goal ->> 'comment' THEN
        command := format('COMMENT ON %s %s IS %s', word, CASE WHEN kind = 'transform' THEN regexp_replace(identity, '^for (.*?)(?: on)? language ', 'FOR \1 LANGUAGE ') ELSE identity END,
                          coalesce(quote_literal(goal ->> 'comment'), 'NULL'));
        RETURN NEXT;
    END IF;

    IF now_def -> 'needs' IS DISTINCT FROM goal -> 'needs' THEN
        RETURN QUERY
        SELECT goal_owner, format('ALTER %s %s %sDEPENDS ON EXTENSION %I', word, identity, CASE WHEN x.is_needed THEN '' ELSE 'NO ' END, x.extension)
        FROM (SELECT e AS extension, false AS is_needed FROM jsonb_array_elements_text(now_def -> 'needs') e WHERE NOT coalesce(goal -> 'needs' ? e, false)
              UNION ALL
              SELECT e, true FROM jsonb_array_elements_text(goal -> 'needs') e WHERE NOT coalesce(now_def -> 'needs' ? e, false)) x;
    END IF;

    IF acl_type IS NOT NULL THEN
        acl_goal := coalesce(goal -> 'acl', yesterday._acl_items(acldefault(acl_type,
                             (SELECT r.oid FROM pg_roles r WHERE r.rolname = goal_owner))));
        IF is_new THEN
            acl_now := yesterday._acl_items(acldefault(acl_type,
                           (SELECT r.oid FROM pg_roles r WHERE r.rolname = goal_owner)));
            IF acl_word NOT IN ('LANGUAGE', 'FOREIGN SERVER', 'FOREIGN DATA WRAPPER')
               AND EXISTS (SELECT FROM pg_default_acl d WHERE pg_get_userbyid(d.defaclrole) = goal_owner
                       AND upper(d.defaclobjtype::text) = upper(acl_type::text)) THEN
                -- Not known before it exists: take from everybody who could have got something.
                acl_now := (SELECT jsonb_agg(x) FROM (
                    SELECT DISTINCT jsonb_strip_nulls(jsonb_build_object('to', i -> 'to', 'by', goal_owner)) AS x
                    FROM (SELECT jsonb_array_elements(acl_now) AS i
                          UNION ALL
                          SELECT jsonb_array_elements(yesterday._acl_items(d.defaclacl))
                          FROM pg_default_acl d
                          WHERE pg_get_userbyid(d.defaclrole) = goal_owner
                            AND upper(d.defaclobjtype::text) = upper(acl_type::text)) s) u);
            END IF;
        ELSE
            acl_now := coalesce(now_def -> 'acl', yesterday._acl_items(acldefault(acl_type,
                                (SELECT r.oid FROM pg_roles r WHERE r.rolname = now_owner))));
            acl_now := yesterday._acl_after_owner(acl_now, now_owner, goal_owner);
        END IF;
        RETURN QUERY SELECT * FROM yesterday._acl_commands(acl_word || ' ' || identity,
                                                           coalesce(acl_now, '[]'), acl_goal);
    END IF;

    IF kind = 'extension' THEN
        RETURN QUERY SELECT * FROM yesterday._extension_grants(now_def, goal);
    END IF;

    IF kind = 'default privileges' THEN
        -- An entry without a schema starts from the default of its kind, one with a schema from nothing.
        acl_now := coalesce(now_def -> 'acl', CASE WHEN schema_name IS NULL THEN
            yesterday._acl_items(acldefault(replace(goal ->> 'type', 'S', 's')::"char",
                                 (SELECT r.oid FROM pg_roles r WHERE r.rolname = goal_owner))) ELSE '[]' END);
        acl_goal := coalesce(goal -> 'acl', CASE WHEN schema_name IS NULL THEN
            yesterday._acl_items(acldefault(replace(now_def ->> 'type', 'S', 's')::"char",
                                 (SELECT r.oid FROM pg_roles r WHERE r.rolname = goal_owner))) ELSE '[]' END);
        RETURN QUERY SELECT a.owner, a.command FROM yesterday._acl_commands(
            substring(identity FROM ' ON ([A-Z ]+)$'), acl_now, acl_goal,
            format('ALTER DEFAULT PRIVILEGES %s ', substring(identity FROM '^(.*) ON [A-Z ]+$'))) a;
    END IF;

    IF goal ? 'columns' THEN
        FOR col IN SELECT c FROM jsonb_array_elements(goal -> 'columns') c LOOP
            SELECT c INTO col_now FROM jsonb_array_elements(now_def -> 'columns') c
            WHERE c -> 'name' = col -> 'name';
            IF col_now ->> 'comment' IS DISTINCT FROM col ->> 'comment' THEN
                command := format('COMMENT ON COLUMN %s.%I IS %s', identity, col ->> 'name',
                                  coalesce(quote_literal(col ->> 'comment'), 'NULL'));
                RETURN NEXT;
            END IF;
            CONTINUE WHEN NOT col ? 'acl' AND NOT coalesce(col_now ? 'acl', false);
            col_acl := yesterday._acl_after_owner(coalesce(col_now -> 'acl', '[]'), now_owner, goal_owner);
            IF acl_type = 'r' THEN
                -- REVOKE ALL ON the table has taken the privileges on its columns, too.
                col_acl := (SELECT coalesce(jsonb_agg(c.value ORDER BY c.ordinality), '[]') FROM jsonb_array_elements(col_acl) WITH ORDINALITY AS c
                            WHERE NOT EXISTS (SELECT FROM yesterday._acl_revoked(coalesce(acl_now, '[]'), acl_goal) r
                                              WHERE r.item -> 'to' IS NOT DISTINCT FROM c.value -> 'to' AND r.item -> 'by' = c.value -> 'by'));
            END IF;
            RETURN QUERY SELECT a.owner, a.command FROM yesterday._acl_commands(acl_word || ' ' || identity,
                col_acl, coalesce(col -> 'acl', '[]'), '', format(' (%I)', col ->> 'name')) a;
        END LOOP;
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._attribute_commands(text, text, jsonb, jsonb, name, name, name) IS 'internal: commands that set owner, ACL and comments';
REVOKE ALL ON FUNCTION yesterday._attribute_commands(text, text, jsonb, jsonb, name, name, name) FROM PUBLIC;

