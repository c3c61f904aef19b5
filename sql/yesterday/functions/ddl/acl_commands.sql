-- yesterday._acl_commands(target, now, goal): the GRANT and REVOKE commands that lead from one
-- ACL to another, in the order that gives the items of the goal their order. What both
-- begin with stays; the rest is taken away from the end and granted anew.
--   target   with %s for the privileges' column list: "%s ON TABLE public.t"
CREATE FUNCTION yesterday._acl_commands(target text, now_acl jsonb, goal_acl jsonb,
                                        prefix text DEFAULT '', columns text DEFAULT '')
RETURNS TABLE (owner name, command text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    kept integer := jsonb_array_length(now_acl) - (SELECT count(*) FROM yesterday._acl_revoked(now_acl, goal_acl));
    item jsonb;
    privileges text;
BEGIN
    FOR item IN SELECT r.item FROM yesterday._acl_revoked(now_acl, goal_acl) r LOOP
        owner := item ->> 'by';
        command := format('%sREVOKE ALL%s ON %s FROM %s', prefix, columns, target,
                          coalesce(quote_ident(item ->> 'to'), 'PUBLIC'));
        RETURN NEXT;
    END LOOP;
    FOR i IN kept .. jsonb_array_length(goal_acl) - 1 LOOP
        item := goal_acl -> i;
        owner := item ->> 'by';
        FOREACH privileges IN ARRAY ARRAY['privileges', 'grantable'] LOOP
            CONTINUE WHEN NOT item ? privileges;
            command := format('%sGRANT %s ON %s TO %s%s', prefix,
                (SELECT string_agg(p || columns, ', ') FROM jsonb_array_elements_text(item -> privileges) p),
                target, coalesce(quote_ident(item ->> 'to'), 'PUBLIC'),
                CASE privileges WHEN 'grantable' THEN ' WITH GRANT OPTION' ELSE '' END);
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._acl_commands(text, jsonb, jsonb, text, text) IS 'internal: commands that change an ACL';
REVOKE ALL ON FUNCTION yesterday._acl_commands(text, jsonb, jsonb, text, text) FROM PUBLIC;

-- yesterday._acl_revoked(now, goal): the items of an ACL that _acl_commands takes away: all after those that both begin with,
-- from the end.
CREATE FUNCTION yesterday._acl_revoked(now_acl jsonb, goal_acl jsonb) RETURNS TABLE (item jsonb)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT n.value
    FROM jsonb_array_elements(now_acl) WITH ORDINALITY AS n
    WHERE n.ordinality >= (SELECT min(d.ordinality) FROM jsonb_array_elements(now_acl) WITH ORDINALITY AS d
                           WHERE d.value IS DISTINCT FROM goal_acl -> (d.ordinality - 1)::integer)
    ORDER BY n.ordinality DESC
$function$;
COMMENT ON FUNCTION yesterday._acl_revoked(jsonb, jsonb) IS 'internal: items of an ACL that have to go';
REVOKE ALL ON FUNCTION yesterday._acl_revoked(jsonb, jsonb) FROM PUBLIC;

-- yesterday._acl_after_owner(acl, from, to): what ALTER OWNER makes of an ACL: the new owner is put in the place of the
-- old one, as who has a privilege and as who gave it.
CREATE FUNCTION yesterday._acl_after_owner(acl jsonb, from_owner name, to_owner name) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN from_owner = to_owner THEN acl ELSE coalesce(jsonb_agg(
               CASE WHEN i.value ->> 'to' = from_owner THEN jsonb_set(i.value, '{to}', to_jsonb(to_owner)) ELSE i.value END
               || CASE WHEN i.value ->> 'by' = from_owner THEN jsonb_build_object('by', to_owner) ELSE '{}' END
               ORDER BY i.ordinality), '[]') END
    FROM jsonb_array_elements(acl) WITH ORDINALITY AS i
$function$;
COMMENT ON FUNCTION yesterday._acl_after_owner(jsonb, name, name) IS 'internal: an ACL after ALTER OWNER';
REVOKE ALL ON FUNCTION yesterday._acl_after_owner(jsonb, name, name) FROM PUBLIC;

-- yesterday._acl_of_makers(now, goal): the ACL of a schema with CREATE and USAGE given to all who have them in the goal; null
-- where they have them. Objects come back as their owners make them, before a schema gets the rest of its privileges.
CREATE FUNCTION yesterday._acl_of_makers(now_acl jsonb, goal_acl jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    item jsonb;
    privilege text;
    found bigint;
    result jsonb := now_acl;
BEGIN
    FOR item, privilege IN SELECT g, p FROM jsonb_array_elements(goal_acl) g CROSS JOIN unnest('{CREATE,USAGE}'::text[]) p
                           WHERE g -> 'privileges' ? p OR g -> 'grantable' ? p LOOP
        SELECT r.ordinality - 1 INTO found FROM jsonb_array_elements(result) WITH ORDINALITY AS r
        WHERE r.value -> 'to' IS NOT DISTINCT FROM item -> 'to' AND r.value -> 'by' = item -> 'by';
        IF found IS NULL THEN
            result := result || jsonb_build_array((item - 'grantable') || jsonb_build_object('privileges', jsonb_build_array(privilege)));
        ELSIF NOT coalesce(result -> found::integer -> 'privileges' ? privilege OR result -> found::integer -> 'grantable' ? privilege, false) THEN
            result := jsonb_set(result, ARRAY[found::text, 'privileges'],
                                (SELECT jsonb_agg(p ORDER BY p) FROM (SELECT privilege AS p
                                 UNION SELECT jsonb_array_elements_text(result -> found::integer -> 'privileges')) u));
        END IF;
    END LOOP;
    RETURN NULLIF(result, now_acl);
END
$function$;
COMMENT ON FUNCTION yesterday._acl_of_makers(jsonb, jsonb) IS 'internal: ACL of a schema with what its makers need';
REVOKE ALL ON FUNCTION yesterday._acl_of_makers(jsonb, jsonb) FROM PUBLIC;
