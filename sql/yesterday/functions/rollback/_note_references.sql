-- yesterday._note_references(deployment): notes the foreign keys that lead to the tables under capture, before inverse DDL
-- takes any of them away.
CREATE FUNCTION yesterday._note_references(deployment bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    DELETE FROM yesterday.plan_reference r WHERE r.deployment = $1;
    INSERT INTO yesterday.plan_reference
    SELECT $1, k.conname, format('%I.%I', cn.nspname, c.relname), format('%I.%I', pn.nspname, p.relname), ck.names, pk.names, ck.types, pk.types,
           k.conpfeqop, k.conppeqop, k.convalidated
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
    JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
    CROSS JOIN LATERAL (SELECT array_agg(a.attname ORDER BY u.o) AS names, array_agg(a.atttypid ORDER BY u.o) AS types
                        FROM unnest(k.conkey) WITH ORDINALITY AS u (num, o) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num) ck
    CROSS JOIN LATERAL (SELECT array_agg(a.attname ORDER BY u.o) AS names, array_agg(a.atttypid ORDER BY u.o) AS types
                        FROM unnest(k.confkey) WITH ORDINALITY AS u (num, o) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) pk
    WHERE k.contype = 'f' AND k.conparentid = 0
      AND EXISTS (SELECT FROM yesterday.captured_table t
                  WHERE t.deployment = $1 AND NOT t.business
                    AND to_regclass(format('%I.%I', t.schema_name, t.table_name)) = k.confrelid)
$function$;
COMMENT ON FUNCTION yesterday._note_references(bigint) IS 'internal: notes foreign keys before inverse DDL takes them away';
REVOKE ALL ON FUNCTION yesterday._note_references(bigint) FROM PUBLIC;

-- yesterday._references_away(deployment): of those the ones that are away now, and will come back: as pg_constraint would tell of them,
-- where both tables have these columns, of these types.
CREATE FUNCTION yesterday._references_away(deployment bigint)
RETURNS TABLE (name text, child oid, parent oid, child_columns smallint[], parent_columns smallint[], equal oid[], parent_equal oid[], valid boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT r.name, to_regclass(r.child), to_regclass(r.parent), ck.nums, pk.nums, r.equal, r.parent_equal, r.valid
    FROM yesterday.plan_reference r
    CROSS JOIN LATERAL (SELECT array_agg(a.attnum ORDER BY u.o) AS nums FROM unnest(r.child_names, r.child_types) WITH ORDINALITY AS u (name, type, o)
                        JOIN pg_attribute a ON a.attrelid = to_regclass(r.child) AND a.attname = u.name AND a.atttypid = u.type AND NOT a.attisdropped) ck
    CROSS JOIN LATERAL (SELECT array_agg(a.attnum ORDER BY u.o) AS nums FROM unnest(r.parent_names, r.parent_types) WITH ORDINALITY AS u (name, type, o)
                        JOIN pg_attribute a ON a.attrelid = to_regclass(r.parent) AND a.attname = u.name AND a.atttypid = u.type AND NOT a.attisdropped) pk
    WHERE r.deployment = $1 AND cardinality(ck.nums) = cardinality(r.child_names) AND cardinality(pk.nums) = cardinality(r.parent_names)
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = to_regclass(r.child) AND k.conname = r.name)
      -- and will come back
      AND EXISTS (SELECT FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.kind = 'constraint' AND p.goal_def ->> 'type' = 'f'
                    AND p.goal_table = r.child AND p.goal_name = r.name)
$function$;
COMMENT ON FUNCTION yesterday._references_away(bigint) IS 'internal: foreign keys that inverse DDL has taken away for a while';
REVOKE ALL ON FUNCTION yesterday._references_away(bigint) FROM PUBLIC;
