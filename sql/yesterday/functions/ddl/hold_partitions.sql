-- yesterday._hold_partitions(deployment): a partition that the deployment created, and that others have written rows to
-- since, stays attached: its rows belong to the parent. Takes it out of the plan, and notes why.
CREATE FUNCTION yesterday._hold_partitions(deployment bigint) RETURNS void
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
          AND NOT p.now_def ? 'partitioned'
          AND NOT EXISTS (SELECT FROM yesterday.plan_node q WHERE q.deployment = $1 AND q.action IN ('drop', 'rebuild')
                            AND q.now_identity = p.now_def ->> 'partition_of')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM ONLY %s t WHERE NOT t.xmin::text = ANY ($1) AND NOT ($2 AND yesterday._is_own_xid(t.xmin)))',
                       part.now_identity)
        INTO used
        USING yesterday._member_xids($1), yesterday._in_transaction_scope();
        referred := NOT used AND yesterday._is_referred_to(part.objid, part.now_def ->> 'partition_of', part.now_identity);
        IF used OR referred THEN
            DELETE FROM yesterday.plan_node p
            WHERE p.deployment = $1 AND (p.node = part.node OR p.now_table = part.now_identity);
            INSERT INTO yesterday.plan_hold (deployment, identity, detail)
            VALUES ($1, part.now_identity, format(
                CASE WHEN referred THEN 'it is a partition of %s and holds rows that others refer to'
                     ELSE 'it is a partition of %s and holds rows written since' END, part.now_def ->> 'partition_of'));
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._hold_partitions(bigint) IS 'internal: keeps partitions that others have written to';
REVOKE ALL ON FUNCTION yesterday._hold_partitions(bigint) FROM PUBLIC;

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

-- yesterday._member_xids(deployment): transaction ids of a deployment, as rows carry them; none in a restored copy,
-- where they mean nothing.
CREATE FUNCTION yesterday._member_xids(deployment bigint) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT ARRAY(SELECT (u.x % 4294967296)::text
                 FROM yesterday.member_transaction m
                 CROSS JOIN LATERAL (SELECT m.xid::text::numeric AS x
                                     UNION ALL SELECT s::text::numeric FROM unnest(m.subxids) s) u
                 WHERE m.deployment = $1 AND yesterday._same_cluster($1))
$function$;
COMMENT ON FUNCTION yesterday._member_xids(bigint) IS 'internal: transaction ids of a deployment';
REVOKE ALL ON FUNCTION yesterday._member_xids(bigint) FROM PUBLIC;

