-- Functions that bear the name of a verb and are not Yesterday's. A call without a schema may
-- reach one of them instead (of two schemas the first in the search path counts, and in one
-- schema the function whose arguments fit better), or fail because it could mean either. An
-- ordinary user can make one wherever a schema is writable.
CREATE VIEW yesterday.impostors WITH (security_barrier) AS
SELECT n.nspname AS schema_name, p.proname AS function_name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) AS arguments,
       pg_catalog.pg_get_userbyid(p.proowner) AS owner,
       pg_catalog.format('DROP ROUTINE %I.%I(%s);', n.nspname, p.proname,
                         pg_catalog.pg_get_function_identity_arguments(p.oid)) AS mend
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.proname IN ('rollback_last', 'rollback_preview')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'yesterday'
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1, 2, 3;
COMMENT ON VIEW yesterday.impostors IS 'functions with the name of a verb that are not Yesterday''s; none is as it should be';
GRANT SELECT ON yesterday.impostors TO yesterday_viewer;
