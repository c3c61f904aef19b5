-- yesterday._hold_partitions(deployment, rollback): a partition that the deployment created, and that others have written rows to
-- since, stays attached: its rows belong to the parent. One that has partitions itself stays with all of them.
-- Takes it out of the plan, and notes why.
CREATE FUNCTION yesterday._hold_partitions(deployment bigint, rollback bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    part record;
    used boolean;
    referred boolean;
BEGIN
    FOR part IN
        SELECT p.* FROM yesterday.plan_node p
        WHERE p.deployment = $1 AND p.kind = 'table' AND p.action = 'drop' AND p.now_def ? 'partition_of'
          AND NOT EXISTS (SELECT FROM yesterday.plan_node q WHERE q.deployment = $1 AND q.action IN ('drop', 'rebuild')
                            AND q.now_identity = p.now_def ->> 'partition_of')
    LOOP
        used := yesterday._is_written_since($1, yesterday._partitions_planned($1, part.now_identity));
        referred := NOT used AND CASE WHEN yesterday._is_foreseen($2) THEN yesterday._seems_referred_to(part.objid)
                                 ELSE yesterday._is_referred_to(part.objid, part.now_def ->> 'partition_of', part.now_identity) END;
        IF used OR referred THEN
            INSERT INTO yesterday.plan_hold (deployment, identity, detail)
            SELECT $1, p.now_identity, CASE
                WHEN p.node <> part.node THEN format('it is a partition of %s, which stays', p.now_def ->> 'partition_of')
                WHEN referred THEN format('it is a partition of %s and holds rows that others refer to', p.now_def ->> 'partition_of')
                WHEN yesterday._same_cluster($1)
                THEN format('it is a partition of %s and holds rows written since', p.now_def ->> 'partition_of')
                ELSE format('it is a partition of %s and holds rows; a restored copy does not tell who wrote them', p.now_def ->> 'partition_of') END
            FROM yesterday.plan_node p
            WHERE p.deployment = $1 AND p.kind = 'table' AND p.action = 'drop'
              AND p.now_identity = ANY (yesterday._partitions_planned($1, part.now_identity));
            DELETE FROM yesterday.plan_node p
            USING yesterday.plan_hold h
            WHERE p.deployment = $1 AND h.deployment = $1 AND h.identity IN (p.now_table, p.now_identity)
              AND (p.now_table = h.identity OR (p.kind = 'table' AND p.action = 'drop'))
              AND h.identity = ANY (yesterday._partitions_planned($1, part.now_identity));
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._hold_partitions(bigint, bigint) IS 'internal: keeps partitions that others have written to';
REVOKE ALL ON FUNCTION yesterday._hold_partitions(bigint, bigint) FROM PUBLIC;

-- yesterday._partitions_planned(deployment, identity): a table that is to be dropped, and its partitions that are, at any depth.
CREATE FUNCTION yesterday._partitions_planned(deployment bigint, identity text) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE tree AS (
        SELECT $2 AS identity
        UNION
        SELECT p.now_identity FROM tree t
        JOIN yesterday.plan_node p ON p.deployment = $1 AND p.kind = 'table' AND p.action = 'drop'
                                  AND p.now_def ->> 'partition_of' = t.identity)
    SELECT array_agg(t.identity ORDER BY t.identity) FROM tree t
$function$;
COMMENT ON FUNCTION yesterday._partitions_planned(bigint, text) IS 'internal: a table that is to be dropped, with its partitions';
REVOKE ALL ON FUNCTION yesterday._partitions_planned(bigint, text) FROM PUBLIC;

-- yesterday._is_written_since(deployment, tables): whether one of the tables holds rows that no member of the deployment wrote.
CREATE FUNCTION yesterday._is_written_since(deployment bigint, tables text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    one text;
    found_one boolean;
BEGIN
    FOREACH one IN ARRAY tables LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM ONLY %s t WHERE NOT t.xmin::text = ANY ($1) AND NOT ($2 AND yesterday._is_own_xid(t.xmin)))', one)
        INTO found_one
        USING yesterday._member_xids($1), yesterday._in_transaction_scope();
        IF found_one THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$function$;
COMMENT ON FUNCTION yesterday._is_written_since(bigint, text[]) IS 'internal: whether others wrote rows to one of these tables';
REVOKE ALL ON FUNCTION yesterday._is_written_since(bigint, text[]) FROM PUBLIC;

-- yesterday._is_referred_to(partition oid, parent, partition): whether rows of a partition are referred to by a foreign key on its
-- parent. PostgreSQL looks when it is detached, as the parent's owner; that is tried, and undone.
CREATE FUNCTION yesterday._is_referred_to(relation oid, parent text, partition_identity text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = relation AND k.conparentid <> 0) THEN
        RETURN false;
    END IF;
    BEGIN
        PERFORM yesterday._execute_as((SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = to_regclass(parent)),
                                      format('ALTER TABLE %s DETACH PARTITION %s', parent, partition_identity));
        RAISE EXCEPTION 'it can be detached' USING ERRCODE = 'YDUND', DETAIL = 'Internal to the plan.', HINT = 'None.';
    EXCEPTION
        WHEN foreign_key_violation THEN RETURN true;
        WHEN SQLSTATE 'YDUND' THEN RETURN false;
    END;
END
$function$;
COMMENT ON FUNCTION yesterday._is_referred_to(oid, text, text) IS 'internal: whether foreign keys of others need rows of a partition';
REVOKE ALL ON FUNCTION yesterday._is_referred_to(oid, text, text) FROM PUBLIC;

-- yesterday._seems_referred_to(partition oid): the same without a lock, for who only foresees: where the values of a foreign key are
-- of types of the server, which compare them by code of its own. Of others nothing is foreseen.
CREATE FUNCTION yesterday._seems_referred_to(relation oid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET row_security = off
AS $function$
DECLARE
    key record;
    found_one boolean;
BEGIN
    FOR key IN
        SELECT k.conrelid::regclass AS child, string_agg(format('c.%I OPERATOR(pg_catalog.%s) p.%I', c.attname, o.oprname, p.attname), ' AND ') AS matches
        FROM pg_constraint k
        CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) AS u (child, parent, operator)
        JOIN pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = u.child
        JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = u.parent
        JOIN pg_operator o ON o.oid = u.operator
        WHERE k.contype = 'f' AND k.confrelid = relation AND k.conparentid <> 0
        GROUP BY k.oid, k.conrelid
        HAVING bool_and(o.oprnamespace = 'pg_catalog'::regnamespace AND c.atttypid < 16384 AND p.atttypid < 16384)
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s c JOIN %s p ON %s)', key.child, relation::regclass, key.matches) INTO found_one;
        IF found_one THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$function$;
COMMENT ON FUNCTION yesterday._seems_referred_to(oid) IS 'internal: whether foreign keys of others seem to need rows of a partition';
REVOKE ALL ON FUNCTION yesterday._seems_referred_to(oid) FROM PUBLIC;

-- yesterday._carried_xids(deployment): transactions of a deployment, each with what rows carry of it, subtransactions included; none
-- in a restored copy, where they mean nothing.
CREATE FUNCTION yesterday._carried_xids(deployment bigint) RETURNS TABLE (xid xid8, carried text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT m.xid, (u.x % 4294967296)::text
    FROM yesterday.member_transaction m
    CROSS JOIN LATERAL (SELECT m.xid::text::numeric AS x
                        UNION ALL SELECT s::text::numeric FROM unnest(m.subxids) s) u
    WHERE m.deployment = $1 AND yesterday._same_cluster($1)
$function$;
COMMENT ON FUNCTION yesterday._carried_xids(bigint) IS 'internal: transactions of a deployment, as rows carry them';
REVOKE ALL ON FUNCTION yesterday._carried_xids(bigint) FROM PUBLIC;

-- yesterday._member_xids(deployment): all that rows carry of the transactions of a deployment.
CREATE FUNCTION yesterday._member_xids(deployment bigint) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT ARRAY(SELECT c.carried FROM yesterday._carried_xids($1) c)
$function$;
COMMENT ON FUNCTION yesterday._member_xids(bigint) IS 'internal: transaction ids of a deployment';
REVOKE ALL ON FUNCTION yesterday._member_xids(bigint) FROM PUBLIC;

