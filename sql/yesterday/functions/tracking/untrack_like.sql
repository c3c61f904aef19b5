-- Takes a rule back, with the tables that it brought under capture.
CREATE FUNCTION yesterday.untrack_like(schema_pattern text, table_pattern text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    wanted bigint;
    member record;
    untracked bigint := 0;
BEGIN
    PERFORM yesterday._require_no_deployment('untrack_like()');
    SELECT r.id INTO wanted FROM yesterday.track_rule r
    WHERE r.schema_pattern = untrack_like.schema_pattern AND r.table_pattern = untrack_like.table_pattern;
    IF wanted IS NULL THEN
        RAISE EXCEPTION 'there is no rule for "%" and "%"', schema_pattern, table_pattern
            USING ERRCODE = 'YD022',
                  DETAIL = 'The patterns must be given as they were to track_like().',
                  HINT = 'SELECT DISTINCT rule FROM yesterday.tracked;';
    END IF;
    FOR member IN
        DELETE FROM yesterday.tracked_table t WHERE t.rule = wanted
        RETURNING to_regclass(format('%I.%I', t.schema_name, t.table_name))::oid AS relation
    LOOP
        IF EXISTS (SELECT FROM pg_class c WHERE c.oid = member.relation AND c.relkind IN ('r', 'p')) THEN
            PERFORM yesterday._drop_triggers(member.relation);
        END IF;
        untracked := untracked + 1;
    END LOOP;
    DELETE FROM yesterday.track_rule r WHERE r.id = wanted;
    PERFORM yesterday._log('untrack_like', NULL, NULL, jsonb_build_object(
        'schema_pattern', schema_pattern, 'table_pattern', table_pattern, 'tables', untracked));
    RETURN untracked;
END
$function$;
COMMENT ON FUNCTION yesterday.untrack_like(text, text) IS
    'takes a rule of track_like() back, with its tables; returns how many';
REVOKE ALL ON FUNCTION yesterday.untrack_like(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.untrack_like(text, text) TO yesterday_admin;

