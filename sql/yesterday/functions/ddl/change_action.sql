-- yesterday._is_broken(definition): an index that a CREATE INDEX CONCURRENTLY which failed has left. No command makes such a
-- one; that of a partitioned table is invalid until all partitions have it.
CREATE FUNCTION yesterday._is_broken(definition jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce($1 ? 'valid' AND $1 ->> 'create' !~ '^CREATE (UNIQUE )?INDEX .* ON ONLY ', false)
$function$;
COMMENT ON FUNCTION yesterday._is_broken(jsonb) IS 'internal: an index that no command makes';
REVOKE ALL ON FUNCTION yesterday._is_broken(jsonb) FROM PUBLIC;

-- yesterday._change_action(kind, now, goal): how a definition is led to another one exactly:
--   none       only attributes differ, or nothing
--   alter      _alter_commands() has the commands
--   recreate   dropped and made again, with what depends on it
--   refuse     no way yet: the deployment is refused
CREATE FUNCTION yesterday._change_action(kind text, now_def jsonb, goal jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    changed text[] := ARRAY(SELECT k FROM (SELECT jsonb_object_keys(now_def) AS k
                                           UNION SELECT jsonb_object_keys(goal)) u
                            WHERE now_def -> k IS DISTINCT FROM goal -> k
                              AND k NOT IN ('comment', 'acl', 'security_labels', 'label_ids', 'needs')
                              -- a broken index that was repaired stays so
                              AND NOT (kind = 'index' AND yesterday._is_broken(goal) AND k IN ('valid', 'ready'))
                              -- these follow the table's place under its parent
                              AND NOT (kind IN ('index', 'constraint', 'trigger') AND k IN ('inherited', 'attached_to', 'parents', 'local')));
BEGIN
    IF changed = '{}' THEN
        RETURN 'none';
    END IF;
    CASE kind
    WHEN 'schema' THEN RETURN 'none';
    WHEN 'extension' THEN
        RETURN CASE WHEN changed <@ '{schema,privileges}' THEN 'alter' ELSE 'refuse' END;
    WHEN 'sequence' THEN RETURN 'alter';
    WHEN 'function', 'procedure' THEN
        RETURN CASE WHEN changed <@ '{create}' THEN 'alter' ELSE 'recreate' END;
    WHEN 'view' THEN
        -- CREATE OR REPLACE keeps the columns that exist and adds at the end
        RETURN CASE WHEN (SELECT coalesce(bool_and(n.value -> 'name' IS NOT DISTINCT FROM g.value -> 'name'
                                          AND n.value -> 'type' IS NOT DISTINCT FROM g.value -> 'type'
                                          AND n.value -> 'collation' IS NOT DISTINCT FROM g.value -> 'collation'), true)
                          FROM jsonb_array_elements(now_def -> 'columns') WITH ORDINALITY AS n
                          LEFT JOIN jsonb_array_elements(goal -> 'columns') WITH ORDINALITY AS g
                              ON g.ordinality = n.ordinality) THEN 'alter' ELSE 'recreate' END;
    WHEN 'index' THEN
        RETURN CASE WHEN changed <@ '{tablespace,statistics}' THEN 'alter' ELSE 'recreate' END;
    WHEN 'trigger', 'rule' THEN
        RETURN CASE WHEN changed <@ '{enabled}' THEN 'alter' ELSE 'recreate' END;
    WHEN 'statistics' THEN
        RETURN CASE WHEN changed <@ '{target}' THEN 'alter' ELSE 'recreate' END;
    WHEN 'constraint' THEN
        RETURN CASE WHEN changed <@ '{index_comment}' THEN 'alter' ELSE 'recreate' END;
    WHEN 'enum' THEN
        RETURN CASE WHEN changed <@ '{label_ids}' THEN 'none' ELSE 'refuse' END;
    WHEN 'composite type' THEN
        RETURN 'alter';
    WHEN 'domain' THEN
        RETURN CASE WHEN changed <@ '{default,not_null,constraints}' THEN 'alter' ELSE 'refuse' END;
    WHEN 'table' THEN
        RETURN CASE WHEN changed <@ '{columns,options,toast_options,tablespace,replica_identity,
                                      replica_index,clustered_on,row_security,force_row_security,
                                      persistence,partition_of,bound,inherits,of_type,access_method}' THEN 'alter' ELSE 'refuse' END;
    WHEN 'materialized view' THEN
        RETURN CASE WHEN changed <@ '{options,tablespace,clustered_on}' THEN 'alter' ELSE 'recreate' END;
    WHEN 'policy', 'aggregate', 'default privileges' THEN RETURN 'recreate';
    WHEN 'foreign table', 'database' THEN RETURN 'alter';
    WHEN 'server' THEN
        RETURN CASE WHEN changed <@ '{create,version,options}' THEN 'alter' ELSE 'recreate' END;
    WHEN 'foreign-data wrapper' THEN RETURN 'alter';
    WHEN 'text search configuration' THEN RETURN CASE WHEN changed <@ '{then}' THEN 'alter' ELSE 'recreate' END;
    ELSE RETURN CASE WHEN now_def ? 'create' AND goal ? 'create' THEN 'recreate' ELSE 'refuse' END;
    END CASE;
END
$function$;
COMMENT ON FUNCTION yesterday._change_action(text, jsonb, jsonb) IS 'internal: how a definition can be changed into another one';
REVOKE ALL ON FUNCTION yesterday._change_action(text, jsonb, jsonb) FROM PUBLIC;

