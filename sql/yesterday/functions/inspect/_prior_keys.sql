-- How the rows of a table are told apart for prior(), NULL where nothing touched it since;
-- was_there false: a deployment made it since. Raises where the records of before and the table
-- of now cannot be brought together.
CREATE FUNCTION yesterday._prior_keys(
    schema_name name, table_name name, since bigint, wanted text, OUT key_columns name[], OUT was_there boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    change record;
BEGIN
    was_there := true;
    FOR change IN SELECT * FROM yesterday._table_since(schema_name, table_name, since)
    LOOP
        IF change.event = 'created' THEN
            was_there := false;
            RETURN;
        END IF;
        RAISE EXCEPTION 'table "%.%" cannot be shown as it was before deployment %', schema_name, table_name, since
            USING ERRCODE = 'YD022',
                  DETAIL = format('Deployment %s changed it: %s.', change.deployment,
                                  CASE change.event WHEN 'replaced' THEN 'the table was dropped and made anew'
                                                    ELSE format('%s (%s)', change.event, change.detail) END),
                  HINT = format('SELECT * FROM yesterday.diff(%L); shows what its rows were, under the names of before.', wanted);
    END LOOP;
    key_columns := yesterday._key_columns(schema_name, table_name, since);
    IF cardinality(key_columns) = 0 THEN
        RAISE EXCEPTION 'table "%.%" has no key', schema_name, table_name
            USING ERRCODE = 'YD022',
                  DETAIL = 'Without a key its rows can be counted, but not told apart.',
                  HINT = format('SELECT * FROM yesterday.diff(%L); shows what was inserted and deleted.', wanted);
    END IF;
    IF key_columns IS NULL THEN
        RETURN;
    END IF;
    FOR change IN SELECT * FROM yesterday._values_since(schema_name, table_name, since) LIMIT 1
    LOOP
        RAISE EXCEPTION 'table "%.%" cannot be shown as it was before deployment %', schema_name, table_name, since
            USING ERRCODE = 'YD022',
                  DETAIL = format('Deployment %s changed what its values are made of: %s.', change.deployment, change.detail),
                  HINT = format('SELECT * FROM yesterday.diff(%L); shows what its rows were, as they were written then.', wanted);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._prior_keys(name, name, bigint, text) IS 'how rows are told apart for prior(); raises where it cannot be had';
REVOKE ALL ON FUNCTION yesterday._prior_keys(name, name, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._prior_keys(name, name, bigint, text) TO yesterday_viewer;
