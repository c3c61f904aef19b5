-- yesterday._loses_order(type): values that have this type inside stand in an index that would be none any more, if the type lost its last
-- attributes: rows that differ in these would be the same, or stand in another order than before.
CREATE FUNCTION yesterday._loses_order(type oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE holding (type, whole) AS (
        SELECT $1, true UNION SELECT u.type, h.whole AND u.how = 'domain' FROM holding h CROSS JOIN LATERAL yesterday._types_with(h.type) u
    )
    SELECT EXISTS (
        SELECT FROM pg_index x
        JOIN pg_class c ON c.oid = x.indexrelid
        JOIN pg_am m ON m.oid = c.relam
        -- what an index holds beside its key is not compared
        JOIN pg_attribute a ON a.attrelid = x.indexrelid AND a.attnum <= x.indnkeyatts
        JOIN holding h ON h.type = a.atttypid
        WHERE x.indisunique OR NOT h.whole OR m.amname <> 'btree' OR a.attnum < x.indnkeyatts)
$function$;
COMMENT ON FUNCTION yesterday._loses_order(oid) IS 'internal: whether an index would be none without the last attributes of a type';
REVOKE ALL ON FUNCTION yesterday._loses_order(oid) FROM PUBLIC;

-- yesterday._loses_places(deployment, type, anew): rows that were captured are told apart by a key that has this type inside; or by all of
-- their values, and their table is written anew in any case: it is not as it was, or has values of one of the types "anew". Rows of any
-- other table without a key are found where they stand, whatever their values are by then.
CREATE FUNCTION yesterday._loses_places(deployment bigint, type oid, anew oid[]) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE holding (type) AS (
        SELECT $2 UNION SELECT u.type FROM holding h CROSS JOIN LATERAL yesterday._types_with(h.type) u
    ), holding_anew (type) AS (
        SELECT t FROM unnest($3) t UNION SELECT u.type FROM holding_anew h CROSS JOIN LATERAL yesterday._types_with(h.type) u
    )
    SELECT EXISTS (
        SELECT FROM yesterday.captured_table k
        JOIN pg_namespace n ON true
        JOIN pg_class c ON c.relnamespace = n.oid
                       AND (n.nspname = k.schema_name AND c.relname = k.table_name OR c.oid = k.relid AND yesterday._same_cluster($1))
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN holding h ON h.type = a.atttypid
        WHERE k.deployment = $1
          AND (a.attname = ANY (k.key_columns)
               OR k.key_kind = 'row' AND (
                   NOT EXISTS (SELECT FROM yesterday.schema_object b
                               JOIN yesterday.schema_object x ON x.deployment = $1 AND x.phase = 'after' AND x.classid = b.classid AND x.objid = b.objid
                               WHERE b.deployment = $1 AND b.phase = 'before' AND b.classid = 'pg_class'::regclass AND b.objid = k.relid
                                 AND b.identity = x.identity AND b.definition - '{comment,acl}'::text[] = x.definition - '{comment,acl}'::text[])
                   OR EXISTS (SELECT FROM pg_attribute o JOIN holding_anew w ON w.type = o.atttypid
                              WHERE o.attrelid = c.oid AND o.attnum > 0 AND NOT o.attisdropped))))
$function$;
COMMENT ON FUNCTION yesterday._loses_places(bigint, oid, oid[]) IS 'internal: whether rows that a type tells apart are not found where they stand';
REVOKE ALL ON FUNCTION yesterday._loses_places(bigint, oid, oid[]) FROM PUBLIC;

-- yesterday._demands_more(domain, before, after): a domain that gets back a constraint, or NOT NULL, of all its values. Names in it are
-- those of before by now.
CREATE FUNCTION yesterday._demands_more(domain oid, before jsonb, after jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT before -> 'not_null' IS DISTINCT FROM after -> 'not_null' AND before ? 'not_null'
           AND EXISTS (SELECT FROM pg_type y WHERE y.oid = domain AND NOT y.typnotnull)
           OR before -> 'constraints' IS DISTINCT FROM after -> 'constraints'
              AND EXISTS (SELECT FROM jsonb_array_elements(before -> 'constraints') k
                          WHERE k ->> 'definition' NOT LIKE '% NOT VALID'
                            AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.contypid = domain AND c.conname = k ->> 'name'
                                              AND pg_get_constraintdef(c.oid) = k ->> 'definition'))
$function$;
COMMENT ON FUNCTION yesterday._demands_more(oid, jsonb, jsonb) IS 'internal: a domain that gets back a constraint';
REVOKE ALL ON FUNCTION yesterday._demands_more(oid, jsonb, jsonb) FROM PUBLIC;

-- yesterday._lies_inside(type): columns of tables have values of this type inside of others: of arrays, ranges, composite types. Not where
-- the row type of a table is among these, which cannot be made anew with it.
CREATE FUNCTION yesterday._lies_inside(type oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE holding (type, whole, by_table) AS (
        SELECT $1, true, false
        UNION
        SELECT u.type, h.whole AND u.how = 'domain',
               h.by_table OR u.how = 'row' AND EXISTS (SELECT FROM pg_class c WHERE c.reltype = u.type AND c.relkind <> 'c')
        FROM holding h CROSS JOIN LATERAL yesterday._types_with(h.type) u
    )
    SELECT coalesce(bool_or(NOT h.whole) AND NOT bool_or(h.by_table), false)
    FROM holding h
    JOIN pg_attribute a ON a.atttypid = h.type AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm')
$function$;
COMMENT ON FUNCTION yesterday._lies_inside(oid) IS 'internal: columns have values of a type inside of others';
REVOKE ALL ON FUNCTION yesterday._lies_inside(oid) FROM PUBLIC;

-- yesterday._types_to_make_anew(deployment, phase): types of the plan whose definition no ALTER leads back, and types that
-- have one of them inside, which get a place in the plan.
--   because   names of before of the types for whose sake
CREATE FUNCTION yesterday._types_to_make_anew(deployment bigint, phase text) RETURNS TABLE (node integer, because text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    changed integer[] := '{}';
    more integer[];
    inside jsonb;
BEGIN
    -- one that is made anew can take another one with it
    LOOP
    more := ARRAY(
        SELECT p.node
        FROM yesterday.plan_node p
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = p.classid AND b.objid = p.bobjid
        JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = p.classid AND a.objid = p.aobjid
        JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $2 AND n.classid = p.classid AND n.objid = p.objid
        WHERE p.deployment = $1 AND p.kind IN ('enum', 'composite type', 'domain', 'range')
          AND NOT EXISTS (SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1 AND h.identity = b.identity)
          AND (CASE p.kind
               WHEN 'enum' THEN b.definition -> 'label_ids' <> a.definition -> 'label_ids'
               WHEN 'domain' THEN b.definition - '{comment,acl,default,not_null,constraints}'::text[]
                                  <> a.definition - '{comment,acl,default,not_null,constraints}'::text[]
                                  -- no ALTER looks at values that lie deeper, and so none gives it such a constraint
                                  OR yesterday._demands_more(p.objid, b.definition, a.definition) AND yesterday._lies_inside(p.objid)
               WHEN 'range' THEN b.definition - '{comment,acl}'::text[] <> a.definition - '{comment,acl}'::text[]
               -- attributes that were added can be dropped again; but then no row looks like its record any more
               ELSE b.definition -> 'attributes' <> a.definition -> 'attributes'
                    AND (yesterday._loses_order(p.objid)
                         OR yesterday._loses_places($1, p.objid, ARRAY(SELECT q.objid FROM yesterday.plan_node q
                                                                       WHERE q.deployment = $1 AND q.node = ANY (changed))))
                    OR EXISTS (SELECT FROM jsonb_array_elements(b.definition -> 'attributes') x
                            WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(a.definition -> 'attributes') y
                                              WHERE y -> 'num' = x -> 'num' AND y -> 'type' = x -> 'type'
                                                AND y -> 'collation' IS NOT DISTINCT FROM x -> 'collation')) END)
        ORDER BY p.node);
    EXIT WHEN more = changed;
    changed := more;
    END LOOP;
    IF changed = '{}' THEN
        RETURN;
    END IF;
    WITH RECURSIVE holding (type, root) AS (
        SELECT p.objid, b.identity
        FROM yesterday.plan_node p
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = p.classid AND b.objid = p.bobjid
        WHERE p.deployment = $1 AND p.node = ANY (changed)
        UNION
        SELECT u.type, h.root FROM holding h CROSS JOIN LATERAL yesterday._types_with(h.type) u
    )
    SELECT jsonb_object_agg(t.type, t.roots) INTO inside FROM (SELECT h.type, jsonb_agg(h.root) AS roots FROM holding h GROUP BY h.type) t;
    INSERT INTO yesterday.plan_node (deployment, kind, classid, bobjid, aobjid, objid)
    SELECT $1, n.kind, n.classid, n.objid, n.objid, n.objid
    FROM yesterday.schema_object n
    JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = n.classid AND b.objid = n.objid
    JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = n.classid AND a.objid = n.objid
    WHERE n.deployment = $1 AND n.phase = $2 AND n.kind IN ('enum', 'composite type', 'domain', 'range') AND inside ? n.objid::text
      AND NOT EXISTS (SELECT FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.classid = n.classid AND p.objid = n.objid);
    RETURN QUERY
    SELECT p.node, ARRAY(SELECT jsonb_array_elements_text(inside -> p.objid::text)) FROM yesterday.plan_node p
    WHERE p.deployment = $1 AND p.kind IN ('enum', 'composite type', 'domain', 'range') AND p.bobjid IS NOT NULL AND p.aobjid IS NOT NULL
      AND inside ? p.objid::text;
END
$function$;
COMMENT ON FUNCTION yesterday._types_to_make_anew(bigint, text) IS 'internal: types of a plan that have to be made anew';
REVOKE ALL ON FUNCTION yesterday._types_to_make_anew(bigint, text) FROM PUBLIC;

-- yesterday._put_types_aside(deployment, phase): a type whose definition no ALTER leads back is made anew. The old one is
-- renamed first, so that the image of now shows where it is used; the plan then leads every column from the
-- one to the other. What has it inside, such as a domain over it, is made anew with it. Returns the commands that ran.
CREATE FUNCTION yesterday._put_types_aside(deployment bigint, phase text)
RETURNS TABLE (owner name, command text, kind text, identity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    item record;
    live record;
    anew jsonb;
    aside text;
BEGIN
    DELETE FROM yesterday.plan_aside a WHERE a.deployment = $1;
    SELECT coalesce(jsonb_object_agg(t.node, t.because), '{}') INTO anew FROM yesterday._types_to_make_anew($1, $2) t;
    FOR item IN
        SELECT p.node, p.kind AS kind_of, p.objid, b.identity AS wanted, n.owner AS holder, p.classid,
               -- its schema may have just got its name back
               (SELECT format('%I.%I', s.nspname, y.typname) FROM pg_range r JOIN pg_type y ON y.oid = r.rngmultitypid
                JOIN pg_namespace s ON s.oid = y.typnamespace WHERE p.kind = 'range' AND r.rngtypid = p.objid) AS multirange,
               b.definition ->> 'multirange' AS multirange_wanted,
               ARRAY(SELECT jsonb_array_elements_text(anew -> p.node::text)) AS because
        FROM yesterday.plan_node p
        JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = p.classid AND b.objid = p.bobjid
        JOIN yesterday.schema_object n ON n.deployment = $1 AND n.phase = $2 AND n.classid = p.classid AND n.objid = p.objid
        WHERE p.deployment = $1 AND anew ? p.node::text
        ORDER BY p.node
    LOOP
        live := yesterday._live_name(item.classid, item.objid);
        aside := format('yesterday_aside_%s_t%s', $1, item.node);
        kind := item.kind_of;
        identity := live.identity;
        owner := item.holder;
        command := format('ALTER %s %s RENAME TO %I', yesterday._object_word(kind), live.identity, aside);
        PERFORM yesterday._rename_as(owner, command);
        INSERT INTO yesterday.plan_aside (deployment, aside, identity, because)
        VALUES ($1, format('%I.%I', live.schema_name, aside), item.wanted, item.because);
        RETURN NEXT;
        IF item.multirange IS NOT NULL THEN
            identity := item.multirange;
            command := format('ALTER TYPE %s RENAME TO %I', identity, aside || 'm');
            PERFORM yesterday._rename_as(owner, command);
            INSERT INTO yesterday.plan_aside (deployment, aside, identity, because)
            VALUES ($1, format('%s.%I', yesterday._schema_part(identity), aside || 'm'), item.multirange_wanted, item.because);
            RETURN NEXT;
        END IF;
        -- constructors of a range keep the name that the type had when it was made
        FOR command IN
            SELECT format('ALTER FUNCTION %s RENAME TO %I', p.oid::regprocedure, aside)
            FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
            WHERE item.kind_of = 'range' AND d.classid = 'pg_proc'::regclass AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass
              AND d.refobjid IN (SELECT item.objid UNION SELECT r.rngmultitypid FROM pg_range r WHERE r.rngtypid = item.objid)
            ORDER BY p.oid
        LOOP
            PERFORM yesterday._rename_as(owner, command);
            RETURN NEXT;
        END LOOP;
    END LOOP;
    -- tables whose columns have such a type get the values that were saved, and so have a place in the plan
    INSERT INTO yesterday.plan_node (deployment, kind, classid, bobjid, aobjid, objid)
    SELECT $1, 'table', 'pg_class'::regclass, t.objid, t.objid, t.now
    FROM (SELECT b.objid, yesterday._object_now($1, $2, a.classid, 'table', a.objid, a.identity) AS now
          FROM yesterday.schema_object b
          JOIN yesterday.schema_object a ON a.deployment = $1 AND a.phase = 'after' AND a.classid = b.classid AND a.objid = b.objid
          WHERE b.deployment = $1 AND b.phase = 'before' AND b.classid = 'pg_class'::regclass AND b.kind = 'table'
            AND EXISTS (SELECT FROM yesterday.plan_aside x WHERE x.deployment = $1)) t
    WHERE (EXISTS (SELECT FROM yesterday._parts_retyped($1) r WHERE r.relation = t.objid)
           -- and so have tables with columns computed of it, which no ALTER leads over
           OR EXISTS (SELECT FROM pg_attribute g
                      JOIN pg_attribute c ON c.attrelid = g.attrelid AND c.attnum > 0 AND NOT c.attisdropped
                      WHERE g.attrelid = t.now AND g.attnum > 0 AND NOT g.attisdropped AND g.attgenerated <> ''
                        AND strpos(format_type(c.atttypid, c.atttypmod), 'yesterday_aside_' || $1 || '_') > 0)
           -- or that are parted by it
           OR EXISTS (SELECT FROM (SELECT a.relid FROM pg_partition_ancestors(t.now) a UNION SELECT t.now) u
                      JOIN pg_partitioned_table k ON k.partrelid = u.relid
                      JOIN pg_attribute c ON c.attrelid = u.relid AND (c.attnum = ANY (k.partattrs::smallint[]) OR k.partexprs IS NOT NULL)
                      WHERE strpos(format_type(c.atttypid, c.atttypmod), 'yesterday_aside_' || $1 || '_') > 0))
      AND t.now IS NOT NULL
      AND NOT EXISTS (SELECT FROM yesterday.plan_node p
                      WHERE p.deployment = $1 AND p.classid = 'pg_class'::regclass AND p.objid = t.now);
END
$function$;
COMMENT ON FUNCTION yesterday._put_types_aside(bigint, text) IS 'internal: renames types that have to be made anew';
REVOKE ALL ON FUNCTION yesterday._put_types_aside(bigint, text) FROM PUBLIC;

-- yesterday._parts_retyped(deployment): tables of before whose columns got another type, as far as their values were saved, and the
-- partitioned tables above them.
CREATE FUNCTION yesterday._parts_retyped(deployment bigint) RETURNS TABLE (relation oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE above (relation, parent) AS (
        SELECT b.objid, b.definition ->> 'partition_of'
        FROM yesterday.schema_object b
        WHERE b.deployment = $1 AND b.phase = 'before' AND b.classid = 'pg_class'::regclass
          AND EXISTS (SELECT FROM yesterday.saved_table s
                      WHERE s.deployment = $1 AND s.event = 'type' AND s.relid = b.objid)
        UNION
        SELECT p.objid, p.definition ->> 'partition_of'
        FROM above a JOIN yesterday.schema_object p ON p.deployment = $1 AND p.phase = 'before' AND p.kind = 'table' AND p.identity = a.parent
    )
    SELECT DISTINCT a.relation FROM above a
$function$;
COMMENT ON FUNCTION yesterday._parts_retyped(bigint) IS 'internal: tables with saved values of another type, and what they are partitions of';
REVOKE ALL ON FUNCTION yesterday._parts_retyped(bigint) FROM PUBLIC;

-- yesterday._from_aside(deployment, definition): a definition with the names that types put aside had before.
CREATE FUNCTION yesterday._from_aside(deployment bigint, def jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    item record;
    result text := def::text;
BEGIN
    -- the longest first: one can begin with another
    FOR item IN SELECT a.* FROM yesterday.plan_aside a WHERE a.deployment = $1 ORDER BY length(a.aside) DESC LOOP
        -- as they stand in the text of a document: quotes are escaped there
        result := replace(result, yesterday._inside_json(item.aside), yesterday._inside_json(item.identity));
    END LOOP;
    RETURN result::jsonb;
END
$function$;
COMMENT ON FUNCTION yesterday._from_aside(bigint, jsonb) IS 'internal: definition with the names of types before';
REVOKE ALL ON FUNCTION yesterday._from_aside(bigint, jsonb) FROM PUBLIC;

-- yesterday._inside_json(text): how a text stands inside a string of a JSON document.
CREATE FUNCTION yesterday._inside_json(content text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT substr(j.quoted, 2, length(j.quoted) - 2) FROM (SELECT to_jsonb(content)::text AS quoted) j
$function$;
COMMENT ON FUNCTION yesterday._inside_json(text) IS 'internal: a text inside a JSON string';
REVOKE ALL ON FUNCTION yesterday._inside_json(text) FROM PUBLIC;
