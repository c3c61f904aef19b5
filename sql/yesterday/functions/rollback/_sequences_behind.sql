-- Sequences that a deployment set back, and that stand before the values of rows which its
-- rollback brings back: values that were used since are never given again. And sequences that it set with
-- RESTART: they go back to where they stood, unless somebody has used them since.
CREATE FUNCTION yesterday._sequences_behind(deployment bigint)
RETURNS TABLE (sequence text, owner name, next_value bigint, outcome text, detail text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT x.identity, x.owner, x.wanted,
           CASE WHEN x.behind THEN 'set forward' WHEN x.now = x.set_to THEN 'set back' ELSE 'held back' END,
           CASE WHEN x.behind OR x.now = x.set_to THEN format('its next value is %s, as before the deployment', x.wanted)
                ELSE format('goes on with %s: values were taken since the deployment set it', x.now) END
    FROM (SELECT y.*, CASE WHEN y.ascending THEN y.now < y.wanted ELSE y.now > y.wanted END AS behind
          FROM (SELECT format('%I.%I', n.nspname, c.relname) AS identity, pg_get_userbyid(c.relowner) AS owner,
                       s.seqincrement > 0 AS ascending, s.seqmin, s.seqmax, yesterday._next_value(c.oid) AS now,
                       bool_or(p.restarted) AS restarted, max(p.set_to) AS set_to,
                       coalesce(max(p.next_value) FILTER (WHERE p.restarted),
                                CASE WHEN s.seqincrement > 0 THEN max(p.next_value) ELSE min(p.next_value) END) AS wanted
                FROM yesterday.sequence_position p
                JOIN pg_class c ON c.relkind = 'S' AND c.oid = coalesce(
                    (SELECT k.oid FROM pg_class k WHERE k.oid = p.relid AND k.relkind = 'S'),
                    to_regclass(format('%I.%I', p.schema_name, p.sequence_name)))
                JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_sequence s ON s.seqrelid = c.oid
                WHERE p.deployment = $1
                GROUP BY c.oid, n.nspname, c.relname, c.relowner, s.seqincrement, s.seqmin, s.seqmax) y) x
    WHERE (x.behind OR (x.restarted AND x.now <> x.wanted))
      -- the options of before come later where the way to them is barred
      AND x.wanted BETWEEN x.seqmin AND x.seqmax
    ORDER BY 1;
$function$;
COMMENT ON FUNCTION yesterday._sequences_behind(bigint) IS 'sequences that a rollback has to set';
REVOKE ALL ON FUNCTION yesterday._sequences_behind(bigint) FROM PUBLIC;

