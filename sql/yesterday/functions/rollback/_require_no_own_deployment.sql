-- A rollback inside the transaction of a deployment would roll back another one.
CREATE FUNCTION yesterday._require_no_own_deployment(what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF yesterday._in_transaction_scope() THEN
        RAISE EXCEPTION '% inside the transaction of a deployment', what
            USING ERRCODE = 'YD010',
                  DETAIL = 'The deployment of this transaction has not landed yet.',
                  HINT = 'ROLLBACK; undoes it.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._require_no_own_deployment(text) IS 'raises inside a deployment in transaction scope';
REVOKE ALL ON FUNCTION yesterday._require_no_own_deployment(text) FROM PUBLIC;

