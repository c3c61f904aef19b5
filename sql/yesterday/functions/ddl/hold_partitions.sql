-- yesterday._hold_partitions(deployment): a partition that the deployment created, and that others have written rows to
-- since, stays attached: its rows belong to the parent. Takes it out of the plan, and notes why.
CREATE FUNCTION yesterday._hold_partitions(deployment bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    part record;
    used boolean;
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
        IF used THEN
            DELETE FROM yesterday.plan_node p
            WHERE p.deployment = $1 AND (p.node = part.node OR p.now_table = part.now_identity);
            INSERT INTO yesterday.plan_hold (deployment, identity, detail)
            VALUES ($1, part.now_identity, format('it is a partition of %s and holds rows written since', part.now_def ->> 'partition_of'));
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._hold_partitions(bigint) IS 'internal: keeps partitions that others have written to';
REVOKE ALL ON FUNCTION yesterday._hold_partitions(bigint) FROM PUBLIC;

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

