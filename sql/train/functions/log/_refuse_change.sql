-- Trigger: what is in the log stays.
CREATE FUNCTION train._refuse_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RAISE EXCEPTION 'the log of the train is append-only'
        USING ERRCODE = 'YDT16',
              DETAIL = format('%s on train.event is refused.', TG_OP),
              HINT = 'SELECT train.log_event(''correction'', reason => ''what was wrong''); adds to it.';
END
$function$;
COMMENT ON FUNCTION train._refuse_change() IS 'trigger: refuses every change of the log';
REVOKE ALL ON FUNCTION train._refuse_change() FROM PUBLIC;

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON train.event
    FOR EACH ROW EXECUTE FUNCTION train._refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON train.event
    FOR EACH STATEMENT EXECUTE FUNCTION train._refuse_change();
ALTER TABLE train.event ENABLE ALWAYS TRIGGER event_append_only;
ALTER TABLE train.event ENABLE ALWAYS TRIGGER event_no_truncate;

