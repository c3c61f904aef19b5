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
    kept integer := 0;
    item jsonb;
    privileges text;
BEGIN
    WHILE kept < jsonb_array_length(now_acl) AND now_acl -> kept = goal_acl -> kept LOOP
        kept := kept + 1;
    END LOOP;
    FOR i IN REVERSE jsonb_array_length(now_acl) - 1 .. kept LOOP
        item := now_acl -> i;
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

