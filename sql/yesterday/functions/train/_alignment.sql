-- Is this target aligned with its peers, as far as it knows? Null: it is on no train. A rollback makes it diverge;
-- a realignment that still stands leads it back; an acceptance lets it on as it is, and is told ever after.
CREATE FUNCTION yesterday._alignment()
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE
        WHEN s.registry IS NULL THEN NULL
        WHEN f.id IS NULL OR s.aligned_change >= f.id THEN 'aligned'
        -- an acceptance comes last: of a realignment, too, that did not make the target like its peers
        ELSE coalesce((SELECT format('accepted by %s: %s', c.changed_by, c.reason) FROM yesterday.state_change c
                       WHERE c.id > f.id AND c.accept_unaligned ORDER BY c.id DESC LIMIT 1),
                      CASE WHEN EXISTS (SELECT FROM yesterday.permit p JOIN yesterday.deployment d ON d.id = p.deployment
                                        WHERE p.state_change >= f.id AND d.status = 'finished') THEN 'aligned' ELSE 'unaligned' END)
    END
    FROM yesterday._setting() s
    LEFT JOIN LATERAL (SELECT c.id FROM yesterday.state_change c WHERE c.state = 'off_train' ORDER BY c.id DESC LIMIT 1) f ON true;
$function$;
COMMENT ON FUNCTION yesterday._alignment() IS 'aligned, unaligned, or accepted by whom and why; null: on no train';
REVOKE ALL ON FUNCTION yesterday._alignment() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._alignment() TO yesterday_viewer;

