-- Gives a lease back. One that is lost already is no error: there is nothing to give back.
CREATE FUNCTION yesterday.release_lease(lease bigint)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    DELETE FROM yesterday.switch_lease l WHERE l.lease = lease;
    RETURN FOUND;
END
$function$;
COMMENT ON FUNCTION yesterday.release_lease(bigint) IS 'gives a lease back';
REVOKE ALL ON FUNCTION yesterday.release_lease(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.release_lease(bigint) TO yesterday_deployer, yesterday_operator;

