-- What a rollback of the deployment would do to definitions and rows, as lines of a report. Where the deployment ran DDL the
-- rollback is planned from what the database is now, as the rollback itself does it, in a subtransaction that is undone: what
-- others have dropped, changed or built since is taken into account. Where that cannot be done without a lock that somebody
-- would wait for, or nothing can be written, the lines are the plan of finish, and one says so if it can be another by now.
CREATE FUNCTION yesterday._foresee(deployment bigint) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    lines jsonb := '[]';                -- of definitions, before the rows go back
    late jsonb := '[]';                 -- and after that
    rows_lines jsonb := yesterday._foreseen_rows(deployment);
    has_ddl boolean := yesterday._has_ddl(deployment);
    is_planned boolean := false;
    stale text := CASE WHEN has_ddl THEN yesterday._why_not_planned(deployment) END;
BEGIN
    IF has_ddl AND stale IS NULL THEN
        BEGIN
            PERFORM yesterday._internal(true);      -- until the subtransaction is undone
            PERFORM set_config('lock_timeout', '1s', true);
            PERFORM set_config('yesterday.lock_wait', '1s', true);
            IF NOT yesterday._renames_lock(deployment) THEN
                SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') INTO lines
                FROM yesterday._apply_inverse(deployment, -2, 'structure') s;
                SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') INTO late
                FROM (SELECT * FROM yesterday._apply_inverse(deployment, -2, 'constraint')
                      UNION ALL SELECT h.identity, 'held back', NULL, format('stays as deployed, unless it can go back once the rows are back: %s', min(h.failure))
                                FROM yesterday.plan_hold h WHERE h.deployment = deployment AND h.failure IS NOT NULL GROUP BY h.identity
                      UNION ALL SELECT * FROM yesterday._dangling_names(deployment, -2)) s;
                is_planned := true;
            ELSIF yesterday._has_changed_since(deployment) THEN
                stale := 'there is something of the kind, and a plan begins with giving names back, which would lock what has them';
            END IF;
            RAISE EXCEPTION 'the plan is undone' USING ERRCODE = 'YDUND', DETAIL = 'Internal to the preview.', HINT = 'None.';
        EXCEPTION
            WHEN SQLSTATE 'YDUND' THEN
                NULL;                   -- what it found is in the lines
            WHEN lock_not_available OR deadlock_detected THEN
                stale := 'something is locked by others just now';
        END;
    END IF;
    IF has_ddl AND NOT is_planned THEN
        SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') INTO lines
        FROM (SELECT * FROM yesterday._preview_ddl(deployment) UNION ALL SELECT * FROM yesterday._preview_losses(deployment)) s;
    END IF;
    IF NOT has_ddl THEN
        SELECT coalesce(jsonb_agg(to_jsonb(g)), '[]') INTO lines FROM yesterday._gone_lines(deployment) g;
    END IF;
    IF stale IS NOT NULL THEN
        late := jsonb_build_array(jsonb_build_object('subject', 'definitions', 'outcome', 'foreseen as of finish', 'rows', NULL,
                    'detail', format('what others have made or changed since may change what becomes of them: %s', stale)));
    END IF;
    -- what commands do to definitions is told as what they would do
    RETURN (SELECT coalesce(jsonb_agg(CASE WHEN l ->> 'rows' IS NULL
                                            AND l ->> 'outcome' IN ('dropped', 'recreated', 'rebuilt', 'altered', 'renamed', 'displaced')
                                      THEN jsonb_set(l, '{outcome}', to_jsonb('would be ' || (l ->> 'outcome'))) ELSE l END ORDER BY n), '[]')
            FROM jsonb_array_elements(lines || rows_lines || late) WITH ORDINALITY AS e (l, n)
            -- rows of a table that stays as deployed
            WHERE NOT (rows_lines @> jsonb_build_array(l)
                       AND lines @> jsonb_build_array(jsonb_build_object('subject', 'rows of ' || (l ->> 'subject'), 'outcome', 'held back'))));
END
$function$;
COMMENT ON FUNCTION yesterday._foresee(bigint) IS 'what a rollback would do to definitions and rows';
REVOKE ALL ON FUNCTION yesterday._foresee(bigint) FROM PUBLIC;

-- Why the rollback of a deployment with DDL cannot be planned anew without disturbing anybody; null: it can.
CREATE FUNCTION yesterday._why_not_planned(deployment bigint) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE
        WHEN d.status = 'open' THEN 'it is still open, and its inverse is made when it is finished or undone'
        WHEN current_setting('transaction_read_only')::boolean THEN 'nothing can be written here, and a plan is written'
        WHEN EXISTS (SELECT FROM yesterday._lock_holders(0)) OR EXISTS (SELECT FROM yesterday._lock_holders(d.id))
        THEN 'somebody deploys or rolls back just now'
    END
    FROM yesterday.deployment d WHERE d.id = $1
$function$;
COMMENT ON FUNCTION yesterday._why_not_planned(bigint) IS 'why a rollback cannot be planned anew for a preview';
REVOKE ALL ON FUNCTION yesterday._why_not_planned(bigint) FROM PUBLIC;

-- Whether a plan gives back names that somebody reads a table by: names are given back before the rest is planned.
CREATE FUNCTION yesterday._renames_lock(deployment bigint) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM yesterday.inverse_step s
        WHERE s.deployment = $1 AND s.rollback IS NULL AND s.outcome = 'renamed'
          AND s.kind NOT IN ('schema', 'function', 'procedure', 'aggregate', 'enum', 'domain', 'range', 'statistics', 'operator',
                             'operator class', 'operator family', 'language', 'collation', 'conversion', 'text search parser',
                             'text search template', 'text search dictionary', 'text search configuration', 'publication',
                             'foreign-data wrapper', 'server', 'event trigger', 'extension'))
$function$;
COMMENT ON FUNCTION yesterday._renames_lock(bigint) IS 'whether a plan begins with names that lock a table';
REVOKE ALL ON FUNCTION yesterday._renames_lock(bigint) FROM PUBLIC;

-- Whether any definition is another one than when the deployment had finished. Leaves an image, for the caller to undo.
CREATE FUNCTION yesterday._has_changed_since(deployment bigint) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $function$
BEGIN
    PERFORM yesterday._take_image($1, 'now');
    RETURN EXISTS (
        SELECT FROM (SELECT * FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'after') a
        FULL JOIN (SELECT * FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'now') n
            ON n.classid = a.classid AND n.objid = a.objid
        WHERE a.identity IS DISTINCT FROM n.identity OR a.owner IS DISTINCT FROM n.owner OR a.definition IS DISTINCT FROM n.definition);
END
$function$;
COMMENT ON FUNCTION yesterday._has_changed_since(bigint) IS 'whether definitions are others than when a deployment had finished';
REVOKE ALL ON FUNCTION yesterday._has_changed_since(bigint) FROM PUBLIC;

-- Rows and sequences that a rollback would set back, as lines of a report.
CREATE FUNCTION yesterday._foreseen_rows(deployment bigint) RETURNS jsonb
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object('subject', format('%I.%I', r.schema_name, r.table_name),
                                                         'outcome', r.outcome, 'rows', r.rows, 'detail', r.detail)), '[]')
            FROM yesterday._preview_rows($1) r)
        || (SELECT coalesce(jsonb_agg(jsonb_build_object('subject', format('sequence %s', s.sequence),
                                                         'outcome', s.outcome, 'rows', NULL, 'detail', s.detail)), '[]')
            FROM yesterday._sequences_behind($1) s
            WHERE NOT yesterday._goes_with_rollback($1, to_regclass(s.sequence)))
$function$;
COMMENT ON FUNCTION yesterday._foreseen_rows(bigint) IS 'rows and sequences that a rollback would set back';
REVOKE ALL ON FUNCTION yesterday._foreseen_rows(bigint) FROM PUBLIC;

-- Whether the deployment made a sequence, or the column that it belongs to: the rollback takes it away before it sets any.
CREATE FUNCTION yesterday._goes_with_rollback(deployment bigint, sequence oid) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH own AS (
        SELECT 'pg_class'::regclass AS classid, sequence AS objid, 0 AS num WHERE NOT EXISTS (
            SELECT FROM pg_depend i WHERE i.classid = 'pg_class'::regclass AND i.objid = sequence AND i.deptype = 'i')
        UNION ALL
        SELECT d.refclassid, d.refobjid, d.refobjsubid FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = sequence AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass)
    SELECT EXISTS (
        SELECT FROM own
        JOIN yesterday._image_differences($1) x ON x.owned AND x.classid = own.classid AND x.aobjid = own.objid
        WHERE x.bobjid IS DISTINCT FROM x.aobjid
           OR NOT EXISTS (SELECT FROM yesterday.schema_object b
                          WHERE b.deployment = $1 AND b.phase = 'before' AND b.classid = x.classid AND b.objid = x.bobjid
                            AND (own.num = 0 OR EXISTS (SELECT FROM jsonb_array_elements(b.definition -> 'columns') c
                                                        WHERE (c ->> 'num')::integer = own.num))))
$function$;
COMMENT ON FUNCTION yesterday._goes_with_rollback(bigint, oid) IS 'whether a rollback takes a sequence away';
REVOKE ALL ON FUNCTION yesterday._goes_with_rollback(bigint, oid) FROM PUBLIC;
