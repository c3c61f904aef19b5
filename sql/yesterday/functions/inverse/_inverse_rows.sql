-- What an inverse bundle does to the rows of one captured table: those that it removes, by key or as
-- whole rows, and those that it inserts. Every key that the deployment touched is removed and, where
-- the row was there before, inserted: so that values may have been swapped. Without a key the net
-- number of equal rows counts. Their order is the same in every database. The rights are the caller's.
CREATE FUNCTION yesterday._inverse_rows(captured bigint, has_key boolean, generated_columns text[])
RETURNS TABLE (removes boolean, content jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF has_key THEN
        RETURN QUERY
            SELECT x.removes, CASE WHEN x.removes THEN r.key ELSE r.image - generated_columns END
            FROM yesterday._records(captured) r CROSS JOIN (VALUES (true), (false)) x(removes)
            WHERE r.op <> 'F' AND (x.removes OR r.image IS NOT NULL)
            ORDER BY 1 DESC, r.key::text COLLATE "C";
    ELSE
        RETURN QUERY
            SELECT n.net < 0, n.row
            FROM (SELECT coalesce(r.image, r.key) - generated_columns AS row,
                         sum(CASE r.op WHEN 'I' THEN -1 ELSE 1 END) AS net
                  FROM yesterday._records(captured) r WHERE r.op <> 'F' GROUP BY 1) n
            CROSS JOIN LATERAL generate_series(1, abs(n.net))
            ORDER BY 1 DESC, n.row::text COLLATE "C";
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._inverse_rows(bigint, boolean, text[]) IS 'rows that an inverse bundle removes and inserts in one table';
REVOKE ALL ON FUNCTION yesterday._inverse_rows(bigint, boolean, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._inverse_rows(bigint, boolean, text[]) TO yesterday_viewer;
