-- Puts a table and everything that inherits from it, or is a partition of it, under capture.
CREATE FUNCTION yesterday._track_tree(
    relation oid, layer text, outside text, natural_key name[], local_columns name[], rule bigint)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    root bigint;
    descendant oid;
    tables bigint := 1;
BEGIN
    root := yesterday._track_table(relation, layer, outside, natural_key, local_columns, rule, NULL);
    FOR descendant IN
        WITH RECURSIVE tree AS (
            SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = relation
            UNION
            SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.inhrelid)
        SELECT tree.inhrelid FROM tree ORDER BY 1
    LOOP
        PERFORM yesterday._track_table(descendant, layer, outside, natural_key, local_columns, rule, root);
        tables := tables + 1;
    END LOOP;
    RETURN tables;
END
$function$;
COMMENT ON FUNCTION yesterday._track_tree(oid, text, text, name[], name[], bigint) IS
    'puts a table and its descendants under capture; returns how many';
REVOKE ALL ON FUNCTION yesterday._track_tree(oid, text, text, name[], name[], bigint) FROM PUBLIC;

