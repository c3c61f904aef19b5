-- Did a target stand there before it stood here? Positions count up: d<deployment>.s<state>.r<rollback>.
CREATE FUNCTION train._position_older(this text, than text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(bool_or(a.n::bigint < b.n::bigint), false)
    FROM regexp_matches(this, '[0-9]+', 'g') WITH ORDINALITY AS x (m, i)
    JOIN regexp_matches(than, '[0-9]+', 'g') WITH ORDINALITY AS y (m, i) USING (i)
    CROSS JOIN LATERAL (SELECT x.m[1] AS n) a
    CROSS JOIN LATERAL (SELECT y.m[1] AS n) b;
$function$;
COMMENT ON FUNCTION train._position_older(text, text) IS 'did a target stand there before it stood here?';
REVOKE ALL ON FUNCTION train._position_older(text, text) FROM PUBLIC;

