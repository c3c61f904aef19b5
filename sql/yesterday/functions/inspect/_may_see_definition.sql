-- May the current user see the definition of an object that this role owned? It can hold what its author
-- would not show: the body of a function, options of a server.
CREATE FUNCTION yesterday._may_see_definition(owner name)
RETURNS boolean
LANGUAGE sql STABLE
AS $function$
    SELECT pg_catalog.pg_has_role(current_user, 'yesterday_admin', 'USAGE')
        OR EXISTS (SELECT FROM pg_catalog.pg_roles r
                   WHERE r.rolname OPERATOR(pg_catalog.=) $1 AND pg_catalog.pg_has_role(current_user, r.oid, 'USAGE'));
$function$;
COMMENT ON FUNCTION yesterday._may_see_definition(name) IS 'may the current user see the definition of an object of this owner?';
REVOKE ALL ON FUNCTION yesterday._may_see_definition(name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._may_see_definition(name) TO yesterday_viewer;
