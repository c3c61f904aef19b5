-- yesterday._acl_items(acl): an ACL as names, item by item in its own order, which pg_dump shows
-- and which only the order of the GRANT commands makes. "to" is missing for PUBLIC.
CREATE FUNCTION yesterday._acl_items(acl aclitem[]) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(i.item) ORDER BY i.ordinal), '[]')
    FROM (SELECT u.ordinal,
                 jsonb_build_object(
                     'to', CASE WHEN x.grantee <> 0 THEN pg_get_userbyid(x.grantee) END,
                     'by', pg_get_userbyid(x.grantor),
                     'privileges', array_agg(x.privilege_type ORDER BY x.privilege_type)
                                   FILTER (WHERE NOT x.is_grantable),
                     'grantable', array_agg(x.privilege_type ORDER BY x.privilege_type)
                                  FILTER (WHERE x.is_grantable)) AS item
          FROM unnest(acl) WITH ORDINALITY AS u(item, ordinal)
          CROSS JOIN LATERAL aclexplode(ARRAY[u.item]) x
          GROUP BY u.ordinal, x.grantee, x.grantor) i
$function$;
COMMENT ON FUNCTION yesterday._acl_items(aclitem[]) IS 'internal: an ACL as role names and privileges, in its order';
REVOKE ALL ON FUNCTION yesterday._acl_items(aclitem[]) FROM PUBLIC;

