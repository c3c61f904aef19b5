-- For controllers: an event of their own.
CREATE FUNCTION train.log_event(kind text, group_name text DEFAULT NULL, target text DEFAULT NULL,
                                reason text DEFAULT NULL, detail jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF coalesce(btrim(kind), '') = '' THEN
        RAISE EXCEPTION 'an event needs a kind'
            USING ERRCODE = 'YD022',
                  DETAIL = 'The kind is a word to find it by.',
                  HINT = 'SELECT train.log_event(''note'', reason => ''what happened'');';
    END IF;
    PERFORM train._begin_write('log_event()');
    -- what our own functions write can be told from what anybody wrote
    RETURN train._log('note: ' || kind, group_name, target, reason, detail);
END
$function$;
COMMENT ON FUNCTION train.log_event(text, text, text, text, jsonb) IS 'adds an event to the log, its kind marked as a note';
REVOKE ALL ON FUNCTION train.log_event(text, text, text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.log_event(text, text, text, text, jsonb) TO yesterday_deployer, yesterday_operator;

