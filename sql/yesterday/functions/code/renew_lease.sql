-- The heartbeat of who switches the code. Returns the generation that is desired now, so that
-- its holder learns of a rollback meanwhile.
CREATE FUNCTION yesterday.renew_lease(lease bigint, duration interval DEFAULT '15 seconds')
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    PERFORM yesterday._check_lease_time(duration);
    PERFORM yesterday._require_lease(lease);
    UPDATE yesterday.switch_lease l
    SET renewed_at = clock_timestamp(), expires_at = clock_timestamp() + duration
    WHERE l.lease = lease;
    RETURN (SELECT max(g.generation) FROM yesterday.code_generation g);
END
$function$;
COMMENT ON FUNCTION yesterday.renew_lease(bigint, interval) IS 'renews a lease; returns the generation that is desired now';
REVOKE ALL ON FUNCTION yesterday.renew_lease(bigint, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.renew_lease(bigint, interval) TO yesterday_deployer, yesterday_operator;

