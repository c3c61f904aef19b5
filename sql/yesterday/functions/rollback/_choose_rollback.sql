-- Which deployment a rollback means, or why none: order is law, and a double click must
-- not undo two deployments.
CREATE FUNCTION yesterday._choose_rollback(wanted text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    last_id bigint := yesterday._last_deployment();
    current record;
    chosen bigint;
    found record;
    call text;
BEGIN
    SELECT * INTO current FROM yesterday._state();
    IF wanted IS NOT NULL THEN
        chosen := yesterday._resolve_deployment(wanted);
        SELECT d.* INTO found FROM yesterday.deployment d WHERE d.id = chosen;
        IF found.status IN ('rolled_back', 'abandoned') THEN
            RAISE EXCEPTION 'deployment % "%" is %', found.id, found.name,
                    CASE found.status WHEN 'rolled_back' THEN 'rolled back already' ELSE 'abandoned' END
                USING ERRCODE = 'YD006',
                      DETAIL = format('Since %s.', found.ended_at),
                      HINT = 'SELECT * FROM yesterday.status; shows what is true now.';
        END IF;
        IF chosen <> last_id THEN
            RAISE EXCEPTION 'deployment % "%" is not the last one', found.id, found.name
                USING ERRCODE = 'YD004',
                      DETAIL = format('After it came %s. Deployments are rolled back newest first.',
                                      (SELECT string_agg(format('%s "%s"', d.id, d.name), ', ' ORDER BY d.id)
                                       FROM yesterday.deployment d
                                       WHERE d.id > chosen AND d.status IN ('open', 'finished'))),
                      HINT = format('SELECT * FROM rollback_last(%L); rolls back the last one.', last_id::text);
        END IF;
    ELSIF current.state = 'off_train' THEN
        call := CASE WHEN last_id IS NULL THEN 'There is no further deployment to roll back.'
                     WHEN EXISTS (SELECT FROM yesterday.deployment d WHERE d.id = last_id AND d.forgotten_at IS NOT NULL)
                         THEN 'The deployment before it is forgotten: there is no further one to roll back.'
                     ELSE format('To roll back the deployment before it, too: SELECT * FROM rollback_last(%L);', last_id::text) END;
        RAISE EXCEPTION 'this target is off the train: its last deployment has been rolled back already'
            USING ERRCODE = 'YD006',
                  DETAIL = format('Since %s, by %s: %s', current.since, current.set_by, current.reason),
                  HINT = call;
    ELSE
        chosen := last_id;
    END IF;
    IF chosen IS NULL THEN
        RAISE EXCEPTION 'there is nothing to roll back'
            USING ERRCODE = 'YD003',
                  DETAIL = 'No deployment of this target counts.',
                  HINT = 'SELECT id, name, status FROM yesterday.history;';
    END IF;
    SELECT d.* INTO found FROM yesterday.deployment d WHERE d.id = chosen;
    IF found.forgotten_at IS NOT NULL THEN
        RAISE EXCEPTION 'deployment % "%" is forgotten', found.id, found.name
            USING ERRCODE = 'YD005',
                  DETAIL = format('Its inverse bundle was dropped at %s.', found.forgotten_at),
                  HINT = 'What it changed can only be changed forward, by a new deployment.';
    END IF;
    RETURN chosen;
END
$function$;
COMMENT ON FUNCTION yesterday._choose_rollback(text) IS 'id of the deployment that a rollback means; raises when there is none';
REVOKE ALL ON FUNCTION yesterday._choose_rollback(text) FROM PUBLIC;

