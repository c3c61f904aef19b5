-- No deployment of any kind while the target is off the train or frozen, but a realignment with its permit; what
-- was decided after it began counts for that, too.
CREATE FUNCTION yesterday._require_on_train(what text, realignment bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    current record;
BEGIN
    SELECT * INTO current FROM yesterday._state();
    IF current.state <> 'on_train'
       AND NOT EXISTS (SELECT FROM yesterday.permit p
                       WHERE p.deployment = realignment AND p.state_change = (SELECT max(c.id) FROM yesterday.state_change c))
    THEN
        RAISE EXCEPTION '%: this target is %', what,
            CASE current.state WHEN 'off_train' THEN 'off the train' ELSE 'frozen' END
            USING ERRCODE = 'YD001',
                  DETAIL = format('Since %s, by %s: %s', current.since, current.set_by, current.reason),
                  HINT = CASE WHEN current.state = 'off_train' AND yesterday._alignment() <> 'aligned'
                              THEN 'It has diverged from its peers, and a realignment leads it back: ' ELSE 'When a human has decided that deployments may land again: ' END
                         || yesterday._way_back();
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._require_on_train(text, bigint) IS 'raises while the target is off the train or frozen';
REVOKE ALL ON FUNCTION yesterday._require_on_train(text, bigint) FROM PUBLIC;

