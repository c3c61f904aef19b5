-- The records of a shadow table with labels of enums under the names that they have by now: a deployment may have
-- renamed them since, and then nobody could read what was captured before. The rights are the caller's.
CREATE FUNCTION yesterday._records_spelled(captured bigint, relation oid)
RETURNS TABLE (op "char", xid xid8, key jsonb, image jsonb)
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
    spellings jsonb := yesterday._spellings_since(captured, relation);
BEGIN
    IF spellings = '{}' THEN
        RETURN QUERY SELECT r.op, r.xid, r.key, r.image FROM yesterday._records(captured) r;
    ELSE
        RETURN QUERY SELECT r.op, r.xid, yesterday._respelled(r.key, spellings), yesterday._respelled(r.image, spellings)
                     FROM yesterday._records(captured) r;
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._records_spelled(bigint, oid) IS
    'records of a shadow table, with labels under their names of now';
REVOKE ALL ON FUNCTION yesterday._records_spelled(bigint, oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._records_spelled(bigint, oid) TO yesterday_viewer;
