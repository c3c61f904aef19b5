-- A table that comes under capture while a deployment is open to several sessions gets its
-- shadow then, unless the deployment made the table: that goes as a whole. Nor does a table
-- that takes the name of one with a shadow: a rollback that builds a table anew does that.
CREATE FUNCTION yesterday._open_shadow_late(relation oid)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT yesterday._open_shadows(d.id, c.oid)
    FROM yesterday.deployment d CROSS JOIN pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE d.status = 'open' AND d.scope = 'open' AND c.oid = relation AND c.relkind = 'r'
      AND NOT EXISTS (SELECT FROM yesterday.captured_table t WHERE t.deployment = d.id
                      AND (t.relid = relation OR (t.schema_name = n.nspname
                                                  AND t.table_name = c.relname)))
      AND NOT EXISTS (SELECT FROM yesterday.ddl_entry e
                      WHERE e.deployment = d.id AND e.member AND e.objid = relation AND e.objsubid = 0
                        AND e.tag IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO'));
$function$;
COMMENT ON FUNCTION yesterday._open_shadow_late(oid) IS
    'makes the shadow of a table that comes under capture while a deployment is open';
REVOKE ALL ON FUNCTION yesterday._open_shadow_late(oid) FROM PUBLIC;
