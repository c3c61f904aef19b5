-- Takes an open deployment exclusively: no member transaction is in progress then.
CREATE FUNCTION yesterday._lock_deployment(deployment bigint, what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF NOT yesterday._try_lock(deployment) THEN
        RAISE EXCEPTION '%: deployment % still has members in progress', what, deployment
            USING ERRCODE = 'YD017',
                  DETAIL = yesterday._lock_holders(deployment),
                  HINT = 'Let these sessions commit or roll back (or end them), and call it again; yesterday.lock_wait says how long to wait.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._lock_deployment(bigint, text) IS 'takes an open deployment exclusively, within yesterday.lock_wait';
REVOKE ALL ON FUNCTION yesterday._lock_deployment(bigint, text) FROM PUBLIC;

