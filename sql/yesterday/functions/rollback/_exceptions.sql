-- What a report names as not quite as before, summed up for its headline; empty: nothing.
CREATE FUNCTION yesterday._exceptions(lines jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN count(*) = 0 THEN ''
                ELSE format(' EXCEPT for what is named below: %s.', string_agg(format('%s %s', n, outcome), ', ' ORDER BY outcome)) END
    FROM (SELECT l->>'outcome' AS outcome, sum(coalesce((l->>'rows')::bigint, 1)) AS n
          FROM jsonb_array_elements(lines) l
          WHERE l->>'outcome' IN ('held back', 'orphaned', 'unplaceable', 'residue', 'dangling', 'missing', 'recomputed', 'stale')
          GROUP BY 1) e;
$function$;
COMMENT ON FUNCTION yesterday._exceptions(jsonb) IS 'what a report names as not as before, in a few words';
REVOKE ALL ON FUNCTION yesterday._exceptions(jsonb) FROM PUBLIC;
