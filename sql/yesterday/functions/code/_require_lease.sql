-- Who has lost its lease may not go on: somebody else may be switching already.
CREATE FUNCTION yesterday._require_lease(lease bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    held record;
BEGIN
    SELECT l.lease, l.holder, l.taken_at, l.expires_at INTO held FROM yesterday.switch_lease l FOR UPDATE;
    IF held.lease IS DISTINCT FROM lease OR held.expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'lease % on the code of this target is lost', lease
            USING ERRCODE = 'YD027',
                  DETAIL = CASE WHEN held.lease IS NULL THEN 'Nobody holds the lease: it was given back.'
                                WHEN held.lease = lease THEN format('It ended at %s without having been renewed.', held.expires_at)
                                ELSE format('Held by %s since %s.', yesterday._shown_holder(held.holder), held.taken_at) END,
                  HINT = 'Begin again: yesterday reconcile looks at what runs, and goes on from there.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._require_lease(bigint) IS 'raises when a lease is lost';
REVOKE ALL ON FUNCTION yesterday._require_lease(bigint) FROM PUBLIC;

