-- Goes along the chain, and names the first link that does not hold.
CREATE FUNCTION train.verify_events(from_event bigint DEFAULT 1)
RETURNS TABLE (event bigint, problem text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    link record;
    expected_id bigint := greatest(coalesce(from_event, 1), 1);
    expected_prior bytea;
BEGIN
    IF expected_id = 1 THEN
        expected_prior := train._first_hash();
    ELSE
        SELECT e.hash INTO expected_prior FROM train.event e WHERE e.id = expected_id - 1;
    END IF;
    FOR link IN
        SELECT e.id, e.prior_hash, e.hash, train._event_hash(e.prior_hash, e.id, e.at, e.kind, e.group_name, e.target, e.by, e.role,
                                                             e.client_addr, e.application_name, e.reason, e.detail) AS computed
        FROM train.event e WHERE e.id >= expected_id ORDER BY e.id
    LOOP
        event := link.id;
        problem := CASE
            WHEN link.id <> expected_id THEN format('event %s is missing', expected_id)
            WHEN link.prior_hash IS DISTINCT FROM expected_prior THEN
                CASE WHEN link.id = 1 THEN 'it does not begin the chain of this registry'
                     ELSE format('it does not hang on event %s', link.id - 1) END
            WHEN link.hash <> link.computed
                THEN 'its content is not the one that was logged' END;
        IF problem IS NOT NULL THEN
            RETURN NEXT;
            RETURN;
        END IF;
        expected_id := expected_id + 1;
        expected_prior := link.hash;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION train.verify_events(bigint) IS 'the first broken link of the log; no row when it holds';
REVOKE ALL ON FUNCTION train.verify_events(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.verify_events(bigint) TO yesterday_viewer;

