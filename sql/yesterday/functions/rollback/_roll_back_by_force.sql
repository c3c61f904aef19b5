-- _roll_back(), and with force again after the sessions that hold what it waited for longer
-- than yesterday.lock_wait were cancelled, then terminated. Returns report lines, those about
-- ended sessions first.
CREATE FUNCTION yesterday._roll_back_by_force(deployment bigint, rollback bigint, force boolean)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    attempt integer := 0;
    blocker record;
    ended jsonb := '[]';
    lines jsonb;
BEGIN
    LOOP
        attempt := attempt + 1;
        BEGIN
            SELECT ended || coalesce(jsonb_agg(to_jsonb(r)), '[]') INTO lines FROM yesterday._roll_back(deployment, rollback) r;
            RETURN lines;
        EXCEPTION WHEN SQLSTATE 'YD017' THEN
            IF NOT coalesce(force, false) OR attempt > 3 THEN
                RAISE;
            END IF;
            FOR blocker IN SELECT b.pid, b.holder FROM yesterday._row_blockers(deployment) b WHERE b.pid IS NOT NULL
            LOOP
                ended := ended || yesterday._end_session(blocker.pid, attempt,
                                                         format('held a row or table: %s', blocker.holder));
            END LOOP;
        END;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._roll_back_by_force(bigint, bigint, boolean) IS
    'puts back what one deployment changed, if need be by ending sessions; returns report lines';
REVOKE ALL ON FUNCTION yesterday._roll_back_by_force(bigint, bigint, boolean) FROM PUBLIC;

