-- Drops the oldest inverse bundles: strictly oldest first, because a deployment can be
-- rolled back only after all that came later.
CREATE FUNCTION yesterday.forget(keep integer DEFAULT NULL, older_than interval DEFAULT NULL)
RETURNS TABLE (deployment bigint, name text, tables bigint, bytes bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    old record;
    shadow record;
BEGIN
    IF num_nonnulls(keep, older_than) <> 1 OR keep < 0 OR older_than < interval '0' THEN
        RAISE EXCEPTION 'forget() takes keep or older_than'
            USING ERRCODE = 'YD022',
                  DETAIL = 'How many deployments stay rollbackable, or how old they may be.',
                  HINT = 'SELECT * FROM yesterday.forget(keep => 10); or (older_than => ''90 days'').';
    END IF;
    PERFORM yesterday._lock_target('forget()');
    FOR old IN
        SELECT d.id, d.name
        FROM yesterday.deployment d
        WHERE d.forgotten_at IS NULL AND d.status <> 'open'
          AND NOT EXISTS (      -- oldest first: nothing older may stay
              SELECT FROM yesterday.deployment o
              WHERE o.id <= d.id AND o.forgotten_at IS NULL
                AND (o.status = 'open' OR (o.status = 'finished'
                     AND CASE WHEN keep IS NOT NULL
                              THEN (SELECT count(*) FROM yesterday.deployment n
                                    WHERE n.id >= o.id AND n.status = 'finished' AND n.forgotten_at IS NULL) <= keep
                              ELSE o.finished_at >= now() - older_than END)))
        ORDER BY d.id
    LOOP
        deployment := old.id;
        name := old.name;
        tables := 0;
        bytes := 0;
        FOR shadow IN
            SELECT c.relname, pg_total_relation_size(c.oid) AS size
            FROM pg_class c
            WHERE c.relnamespace = 'yesterday_shadow'::regnamespace AND c.relkind = 'r'
              AND c.relname ~ format('^[ds]%s_', old.id)
        LOOP
            tables := tables + 1;
            bytes := bytes + shadow.size;
            PERFORM yesterday._drop_shadow(shadow.relname);
        END LOOP;
        DELETE FROM yesterday.captured_column n
        USING yesterday.captured_table c
        WHERE n.captured_table = c.id AND c.deployment = old.id;
        DELETE FROM yesterday.captured_table c WHERE c.deployment = old.id;
        DELETE FROM yesterday.member_transaction m WHERE m.deployment = old.id;
        DELETE FROM yesterday.deployment_baseline b WHERE b.deployment = old.id;
        DELETE FROM yesterday.outside_write w WHERE w.deployment = old.id;
        DELETE FROM yesterday.outside_row r WHERE r.deployment = old.id;
        DELETE FROM yesterday.shadow_seal s WHERE s.deployment = old.id;
        DELETE FROM yesterday.taken_table k WHERE k.deployment = old.id;
        DELETE FROM yesterday.sequence_position p WHERE p.deployment = old.id;
        PERFORM yesterday._forget_ddl(old.id);
        UPDATE yesterday.deployment d SET forgotten_at = clock_timestamp() WHERE d.id = old.id;
        PERFORM yesterday._log('forget', old.id, NULL, jsonb_build_object('tables', tables, 'bytes', bytes));
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday.forget(integer, interval) IS
    'drops the oldest inverse bundles, oldest first; returns what was dropped';
REVOKE ALL ON FUNCTION yesterday.forget(integer, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.forget(integer, interval) TO yesterday_admin;

