-- No rollback and no freeze on shared infrastructure.
CREATE FUNCTION yesterday._require_dedicated(what text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    marked record;
BEGIN
    IF (SELECT s.dedicated FROM yesterday._setting() s) THEN
        RETURN;
    END IF;
    SELECT e.reason, e.by AS who, e.at INTO marked FROM yesterday.event e WHERE e.kind = 'set_dedicated' ORDER BY e.id DESC LIMIT 1;
    RAISE EXCEPTION '% is refused: this database is not dedicated to one partner', what
        USING ERRCODE = 'YD019',
              DETAIL = format('It would be everybody''s. Marked as shared at %s by %s: %s', marked.at, marked.who, marked.reason),
              HINT = 'Change forward, by a new deployment; yesterday.restore() writes back single records. If the database is one partner''s own: SELECT yesterday.set_dedicated(true, ''why'');';
END
$function$;
COMMENT ON FUNCTION yesterday._require_dedicated(text) IS 'raises on shared infrastructure';
REVOKE ALL ON FUNCTION yesterday._require_dedicated(text) FROM PUBLIC;

