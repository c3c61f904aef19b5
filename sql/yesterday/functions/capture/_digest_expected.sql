-- The digest that a table of an open deployment has after a rollback that is exact: the one that the
-- first member found, with what others wrote since. Of a key that a member touched, what others
-- did afterwards does not stay. Null when it cannot be told: somebody wrote the table as a whole, or
-- changed rows while the deployment gave the table another shape.
CREATE FUNCTION yesterday._digest_expected(captured bigint, OUT digest text, OUT beside bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    tab record;
    kept record;
    difference record;
BEGIN
    beside := 0;
    SELECT c.deployment, c.relid INTO STRICT tab FROM yesterday.captured_table c WHERE c.id = captured;
    SELECT t.digest, t.snapshot INTO kept
    FROM yesterday.table_digest t
    JOIN yesterday.member_transaction m ON m.deployment = tab.deployment AND m.xid = t.xid
    WHERE t.captured_table = captured ORDER BY m.ordinal LIMIT 1;
    IF NOT FOUND OR EXISTS (
        SELECT FROM yesterday.outside_write w
        WHERE w.deployment = tab.deployment AND w.relid = tab.relid
          AND (w.xid IS NULL OR NOT pg_visible_in_snapshot(w.xid, kept.snapshot)))
    THEN
        RETURN;
    END IF;
    digest := kept.digest;
    IF NOT EXISTS (SELECT FROM yesterday.outside_row r
                   WHERE r.deployment = tab.deployment AND r.relid = tab.relid
                     AND NOT pg_visible_in_snapshot(r.xid, kept.snapshot))
    THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM yesterday.ddl_entry e
               WHERE e.deployment = tab.deployment AND e.classid = 'pg_class'::regclass AND e.objid = tab.relid)
    THEN
        digest := NULL;
        RETURN;
    END IF;
    SELECT count(DISTINCT r.key_hash) AS keys, sum(r.rows)::bigint AS rows,
           yesterday._wrapped(sum(r.sum1)) AS sum1, yesterday._wrapped(sum(r.sum2)) AS sum2
    INTO difference
    FROM yesterday.outside_row r
    LEFT JOIN (SELECT h.key_hash, min(m.ordinal) AS ordinal
               FROM yesterday._record_hashes(captured) h
               JOIN yesterday.member_transaction m ON m.deployment = tab.deployment AND m.xid = h.xid
               GROUP BY h.key_hash) k ON k.key_hash = r.key_hash
    WHERE r.deployment = tab.deployment AND r.relid = tab.relid
      AND NOT pg_visible_in_snapshot(r.xid, kept.snapshot)
      AND (k.ordinal IS NULL OR r.ordinal < k.ordinal);
    beside := difference.keys;
    IF beside > 0 THEN
        digest := yesterday._digest_beside(digest, difference.rows, difference.sum1, difference.sum2);
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._digest_expected(bigint) IS 'internal: digest of a table after an exact rollback of an open deployment';
REVOKE ALL ON FUNCTION yesterday._digest_expected(bigint) FROM PUBLIC;
