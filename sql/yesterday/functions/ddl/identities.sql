-- yesterday._identity_before(deployment, sequence): what the sequence of an identity column was called before a deployment, as the
-- image has it; none: it belongs to no such column, or to one that was not there or had no identity.
CREATE FUNCTION yesterday._identity_before(deployment bigint, sequence oid) RETURNS TABLE (identity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c #>> '{identity,sequence}'
    FROM pg_depend d
    JOIN yesterday.schema_object b ON b.deployment = $1 AND b.phase = 'before' AND b.classid = d.refclassid AND b.objid = d.refobjid
    CROSS JOIN LATERAL jsonb_array_elements(b.definition -> 'columns') c
    WHERE d.classid = 'pg_class'::regclass AND d.objid = $2 AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
      AND (c ->> 'num')::integer = d.refobjsubid AND c ? 'identity'
$function$;
COMMENT ON FUNCTION yesterday._identity_before(bigint, oid) IS 'internal: what the sequence of an identity was called before a deployment';
REVOKE ALL ON FUNCTION yesterday._identity_before(bigint, oid) FROM PUBLIC;

-- yesterday._renamed_identities(table, columns of before, after, now): sequences of identities of a table that a deployment gave
-- another name, which they still have, and the one of before.
CREATE FUNCTION yesterday._renamed_identities(relation oid, before jsonb, after jsonb, now_columns jsonb)
RETURNS TABLE (objid oid, wanted text)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT d.objid, (parse_ident(b #>> '{identity,sequence}'))[2]
    FROM jsonb_array_elements(before) b
    JOIN jsonb_array_elements(after) a ON a -> 'num' = b -> 'num'
    -- by name: the rollback of a later deployment can have made the column, or its table, anew
    JOIN jsonb_array_elements(now_columns) n ON n -> 'name' = a -> 'name'
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
                    AND d.refobjid = relation AND d.refobjsubid = (n ->> 'num')::integer
    WHERE b ? 'identity' AND a ? 'identity' AND n ? 'identity'
      AND (parse_ident(b #>> '{identity,sequence}'))[2] <> (parse_ident(a #>> '{identity,sequence}'))[2]
      AND (parse_ident(n #>> '{identity,sequence}'))[2] = (parse_ident(a #>> '{identity,sequence}'))[2]
$function$;
COMMENT ON FUNCTION yesterday._renamed_identities(oid, jsonb, jsonb, jsonb) IS 'internal: sequences of identities that a deployment renamed';
REVOKE ALL ON FUNCTION yesterday._renamed_identities(oid, jsonb, jsonb, jsonb) FROM PUBLIC;

-- yesterday._identity_commands(now, goal, now owner, goal owner): comment, privileges, persistence, and a type of their own, of the sequences of
-- a table's identities; their options are those of the columns.
--   now   null for a table that was just made
CREATE FUNCTION yesterday._identity_commands(now_def jsonb, goal jsonb, now_owner name, goal_owner name)
RETURNS TABLE (owner name, command text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    col record;
    persistence text;
BEGIN
    FOR col IN
        SELECT g -> 'identity' AS goal, n -> 'identity' AS now, g ->> 'type' AS type
        FROM jsonb_array_elements(goal -> 'columns') g
        LEFT JOIN jsonb_array_elements(now_def -> 'columns') n ON n -> 'name' = g -> 'name'
        WHERE g ? 'identity'
    LOOP
        -- a table that changes from one to the other takes its sequences with it, and new ones are what it is
        persistence := CASE WHEN col.now IS NULL OR now_def -> 'persistence' IS DISTINCT FROM goal -> 'persistence'
                            THEN goal ->> 'persistence' ELSE col.now ->> 'persistence' END;
        owner := goal_owner;
        -- LIKE makes one of bigint for a column of any type
        IF col.now IS NULL AND col.goal ->> 'type' <> col.type THEN
            command := format('ALTER SEQUENCE %s AS %s %s', col.goal ->> 'sequence', col.goal ->> 'type', yesterday._sequence_options(col.goal));
            RETURN NEXT;
        END IF;
        IF persistence <> col.goal ->> 'persistence' THEN
            command := format('ALTER SEQUENCE %s SET %s', col.goal ->> 'sequence',
                              CASE col.goal ->> 'persistence' WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END);
            RETURN NEXT;
        END IF;
        -- it belongs to whom its table belongs to
        RETURN QUERY SELECT a.owner, a.command
            FROM yesterday._attribute_commands('sequence', col.goal ->> 'sequence', coalesce(col.now, '{}'), col.goal || '{"owned_by": true}',
                                               coalesce(now_owner, goal_owner), goal_owner, NULL) a;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._identity_commands(jsonb, jsonb, name, name) IS 'internal: commands that set comments and privileges of sequences of identities';
REVOKE ALL ON FUNCTION yesterday._identity_commands(jsonb, jsonb, name, name) FROM PUBLIC;
