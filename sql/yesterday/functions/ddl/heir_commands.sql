-- yesterday._made_anew(deployment, identity): the place in the plan of a table that the plan makes.
CREATE FUNCTION yesterday._made_anew(deployment bigint, identity text) RETURNS SETOF yesterday.plan_node
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT q.* FROM yesterday.plan_node q
    WHERE q.deployment = $1 AND q.kind IN ('table', 'foreign table') AND q.action IN ('create', 'rebuild', 'recreate')
      AND q.goal_identity = $2
$function$;
COMMENT ON FUNCTION yesterday._made_anew(bigint, text) IS 'internal: a table that a plan makes';
REVOKE ALL ON FUNCTION yesterday._made_anew(bigint, text) FROM PUBLIC;

-- yesterday._is_interleaved(deployment, node): a table of the plan whose columns stand in another order than INHERITS would give it:
-- those of its parents first, in their order, and then its own. Or one with a check of its parents that is NOT VALID: made as an
-- heir it would get that as a valid one, which its rows need not fulfil. Or one whose parents are somebody else's, who alone may give them
-- heirs.
CREATE FUNCTION yesterday._is_interleaved(deployment bigint, node integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH tab AS (
        SELECT p.goal_def FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2
    ), above AS (
        SELECT x.name, min(x.at) AS place
        FROM (SELECT x.name, row_number() OVER (ORDER BY parent.ordinality, x.place) AS at
              FROM tab CROSS JOIN LATERAL jsonb_array_elements_text(tab.goal_def -> 'inherits') WITH ORDINALITY AS parent
              LEFT JOIN LATERAL yesterday._made_anew($1, parent.value) q ON true
              CROSS JOIN LATERAL (
                  SELECT c ->> 'name' AS name, o AS place FROM jsonb_array_elements(q.goal_def -> 'columns') WITH ORDINALITY AS v (c, o)
                  UNION ALL
                  SELECT a.attname, a.attnum FROM pg_attribute a
                  WHERE q.node IS NULL AND a.attrelid = to_regclass(parent.value) AND a.attnum > 0 AND NOT a.attisdropped
              ) x) x
        GROUP BY x.name
    ), own AS (
        SELECT c ? 'inherited' AS inherited, o,
               -- one that comes back to its parent comes at the end
               coalesce((SELECT a.place FROM above a WHERE a.name = c ->> 'name'), 10000 + o) AS place
        FROM tab CROSS JOIN LATERAL jsonb_array_elements(tab.goal_def -> 'columns') WITH ORDINALITY AS v (c, o)
        WHERE tab.goal_def ? 'inherits'
    )
    SELECT EXISTS (SELECT FROM own a JOIN own b ON b.o > a.o AND b.inherited AND (NOT a.inherited OR a.place > b.place))
           OR EXISTS (SELECT FROM yesterday.plan_node p
                      CROSS JOIN LATERAL jsonb_array_elements_text(p.goal_def -> 'inherits') i
                      LEFT JOIN LATERAL yesterday._made_anew($1, i.value) q ON true
                      LEFT JOIN pg_class c ON q.node IS NULL AND c.oid = to_regclass(i.value)
                      WHERE p.deployment = $1 AND p.node = $2 AND coalesce(q.goal_owner, pg_get_userbyid(c.relowner)) <> p.goal_owner)
           OR EXISTS (SELECT FROM yesterday.plan_node p
                      JOIN yesterday.schema_object k ON k.deployment = $1 AND k.phase = 'before' AND k.kind = 'constraint' AND k.parent = p.bobjid
                      WHERE p.deployment = $1 AND p.node = $2 AND p.goal_def ? 'inherits'
                        AND k.definition ->> 'type' = 'c' AND k.definition ? 'parents' AND k.definition ? 'valid')
$function$;
COMMENT ON FUNCTION yesterday._is_interleaved(bigint, integer) IS 'internal: a table whose columns stand in another order than INHERITS gives it';
REVOKE ALL ON FUNCTION yesterday._is_interleaved(bigint, integer) FROM PUBLIC;

-- yesterday._parents_of(deployment, definition): the tables that one inherits from, and those that they do. What they demand of
-- their heirs those that stay demand at once; what the plan makes anew gets most of it later, and passes it on.
--   relation   null: it is made anew, as the columns say
CREATE FUNCTION yesterday._parents_of(deployment bigint, def jsonb) RETURNS TABLE (relation oid, identity text, columns jsonb)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE above AS (
        SELECT p::text AS identity FROM jsonb_array_elements_text($2 -> 'inherits') p
        UNION
        SELECT i.identity COLLATE "default"
        FROM above a
        LEFT JOIN LATERAL (SELECT p.goal_def FROM yesterday._made_anew($1, a.identity) p) anew ON true
        CROSS JOIN LATERAL (
            SELECT jsonb_array_elements_text(anew.goal_def -> 'inherits') AS identity
            UNION ALL
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE anew.goal_def IS NULL AND h.inhrelid = to_regclass(a.identity)) i
    )
    SELECT CASE WHEN anew.goal_def IS NULL THEN to_regclass(a.identity)::oid END, a.identity, anew.goal_def -> 'columns'
    FROM above a
    LEFT JOIN LATERAL (SELECT p.goal_def FROM yesterday._made_anew($1, a.identity) p) anew ON true
$function$;
COMMENT ON FUNCTION yesterday._parents_of(bigint, jsonb) IS 'internal: all that a table inherits from';
REVOKE ALL ON FUNCTION yesterday._parents_of(bigint, jsonb) FROM PUBLIC;

-- yesterday._demands_not_null(deployment, definition, column): whether a parent demands, when a table comes to it, that its column
-- is NOT NULL.
CREATE FUNCTION yesterday._demands_not_null(deployment bigint, def jsonb, column_name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM yesterday._parents_of($1, $2) p
        JOIN pg_attribute a ON a.attrelid = p.relation AND a.attname = $3 AND a.attnotnull
        WHERE NOT EXISTS (SELECT FROM yesterday.plan_node n WHERE n.deployment = $1 AND n.kind = 'not null' AND n.action = 'drop'
                            AND n.objid = a.attrelid AND n.objsubid = a.attnum)
        UNION ALL
        -- made with the column
        SELECT FROM yesterday._parents_of($1, $2) p CROSS JOIN LATERAL jsonb_array_elements(p.columns) c
        WHERE c ->> 'name' = $3 AND (c ? 'identity' OR yesterday._own_not_null(c) IS NOT NULL))
$function$;
COMMENT ON FUNCTION yesterday._demands_not_null(bigint, jsonb, text) IS 'internal: whether a parent demands a NOT NULL';
REVOKE ALL ON FUNCTION yesterday._demands_not_null(bigint, jsonb, text) FROM PUBLIC;

-- yesterday._heir_commands(deployment, node, filled): the commands that make a table whose own columns stand among those that it has
-- from its parents. It inherits from a table for a moment, which gets those of the parents one by one, as the parents did
-- then; so each comes to its place, and is no column of its own. Then its parents take over from that one.
--   filled   false: what comes before its rows    true: what comes after them
CREATE FUNCTION yesterday._heir_commands(deployment bigint, node integer, filled boolean) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    tab yesterday.plan_node;
    word text;
    helper text;
    col jsonb;
    demanded text;
BEGIN
    SELECT p.* INTO STRICT tab FROM yesterday.plan_node p WHERE p.deployment = $1 AND p.node = $2;
    word := yesterday._object_word(tab.kind);
    helper := format('%s.%I', yesterday._schema_part(tab.goal_identity), format('yesterday_aside_%s_%sh', $1, $2));
    IF filled THEN
        RETURN QUERY SELECT yesterday._adopt_commands($1, tab.goal_identity, word, helper, tab.goal_def);
        RETURN;
    END IF;
    RETURN NEXT format('CREATE TABLE %s ()', helper);
    RETURN QUERY SELECT c.command
        FROM yesterday._create_commands(tab.kind, tab.goal_identity, tab.goal_name, NULL,
                                        tab.goal_def || jsonb_build_object('columns', '[]'::jsonb, 'inherits', jsonb_build_array(helper))) c;
    FOR col IN SELECT c FROM jsonb_array_elements(tab.goal_def -> 'columns') WITH ORDINALITY AS v (c, o) ORDER BY o LOOP
        demanded := CASE WHEN yesterday._demands_not_null($1, tab.goal_def, col ->> 'name')
                         THEN concat_ws(' ', 'CONSTRAINT ' || quote_ident(col #>> '{not_null,name}'), 'NOT NULL') END;
        IF NOT col ? 'local' THEN
            RETURN NEXT concat_ws(' ', format('ALTER %s %s ADD COLUMN', word, tab.goal_identity), yesterday._column_definition(col),
                                  coalesce(yesterday._own_not_null(col), CASE WHEN NOT col -> 'not_null' ? 'name' THEN demanded END));
        END IF;
        IF col ? 'inherited' THEN
            RETURN NEXT concat_ws(' ', format('ALTER TABLE %s ADD COLUMN', helper),
                                  yesterday._column_definition(col - '{identity,fdw_options}'::text[]),
                                  CASE WHEN NOT col ? 'local' OR yesterday._own_not_null(col) IS NULL THEN demanded END);
        END IF;
        IF col ? 'local' AND yesterday._own_not_null(col) IS NOT NULL THEN
            RETURN NEXT format('ALTER TABLE %s ADD %s %I', tab.goal_identity, yesterday._own_not_null(col), col ->> 'name');
        END IF;
        RETURN QUERY SELECT a FROM yesterday._column_storage_commands(tab.goal_identity, '{}', col, word) a;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._heir_commands(bigint, integer, boolean) IS 'internal: makes a table whose own columns stand among inherited ones';
REVOKE ALL ON FUNCTION yesterday._heir_commands(bigint, integer, boolean) FROM PUBLIC;

-- yesterday._adopt_commands(deployment, identity, word, helper, definition): the parents of a table take over from the one that it
-- inherits from for a moment.
CREATE FUNCTION yesterday._adopt_commands(deployment bigint, identity text, word text, helper text, def jsonb) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    parent text;
BEGIN
    -- what the parents check they find in their heirs
    RETURN QUERY
        SELECT DISTINCT format('ALTER TABLE %s ADD CONSTRAINT %I %s', helper, k.conname, pg_get_constraintdef(k.oid))
        FROM yesterday._parents_of($1, def) p
        JOIN pg_constraint k ON k.conrelid = p.relation AND k.contype = 'c' AND NOT k.connoinherit
        WHERE NOT EXISTS (SELECT FROM yesterday.plan_node n JOIN yesterday._parents_of($1, def) a ON a.identity = n.now_table
                          WHERE n.deployment = $1 AND n.kind = 'constraint' AND n.action IN ('drop', 'recreate') AND n.now_name = k.conname);
    FOR parent IN SELECT p.value FROM jsonb_array_elements_text(def -> 'inherits') WITH ORDINALITY AS p ORDER BY p.ordinality LOOP
        RETURN NEXT format('ALTER %s %s INHERIT %s', word, identity, parent);
    END LOOP;
    RETURN NEXT format('ALTER %s %s NO INHERIT %s', word, identity, helper);
    RETURN NEXT format('DROP TABLE %s', helper);
END
$function$;
COMMENT ON FUNCTION yesterday._adopt_commands(bigint, text, text, text, jsonb) IS 'internal: gives a table to its parents';
REVOKE ALL ON FUNCTION yesterday._adopt_commands(bigint, text, text, text, jsonb) FROM PUBLIC;
