-- Sequences that a deployment set back, and that stand before the values of rows which its
-- rollback brings back. Values that were used since are never given again.
CREATE FUNCTION yesterday._sequences_behind(deployment bigint)
RETURNS TABLE (sequence text, owner name, next_value bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT x.identity, x.owner, x.wanted
    FROM (SELECT format('%I.%I', n.nspname, c.relname) AS identity, pg_get_userbyid(c.relowner) AS owner,
                 s.seqincrement > 0 AS ascending, yesterday._next_value(c.oid) AS now,
                 CASE WHEN s.seqincrement > 0 THEN max(p.next_value) ELSE min(p.next_value) END AS wanted
          FROM yesterday.sequence_position p
          JOIN pg_class c ON c.relkind = 'S' AND c.oid = coalesce(
              (SELECT k.oid FROM pg_class k WHERE k.oid = p.relid AND k.relkind = 'S'),
              to_regclass(format('%I.%I', p.schema_name, p.sequence_name)))
          JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_sequence s ON s.seqrelid = c.oid
          WHERE p.deployment = $1
          GROUP BY c.oid, n.nspname, c.relname, c.relowner, s.seqincrement) x
    WHERE CASE WHEN x.ascending THEN x.now < x.wanted ELSE x.now > x.wanted END
    ORDER BY 1;
$function$;
COMMENT ON FUNCTION yesterday._sequences_behind(bigint) IS 'sequences that a rollback has to set forward again';
REVOKE ALL ON FUNCTION yesterday._sequences_behind(bigint) FROM PUBLIC;

