-- A rule: tables whose names match, now or when they are created later, are under capture.
CREATE FUNCTION yesterday.track_like(
    schema_pattern text, table_pattern text, layer text DEFAULT 'platform', outside text DEFAULT 'allow')
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    rule_id bigint;
    relation oid;
    tracked bigint := 0;
BEGIN
    PERFORM yesterday._check_outside(outside, layer);
    PERFORM yesterday._require_no_deployment('track_like()');
    IF schema_pattern IS NULL OR table_pattern IS NULL THEN
        RAISE EXCEPTION 'a pattern is missing'
            USING ERRCODE = 'YD022',
                  DETAIL = 'track_like() takes a LIKE pattern for schemas and one for tables.',
                  HINT = 'SELECT yesterday.track_like(''public'', ''ir\_%'');';
    END IF;
    INSERT INTO yesterday.track_rule AS r (schema_pattern, table_pattern, layer, outside)
    VALUES (track_like.schema_pattern, track_like.table_pattern, track_like.layer, track_like.outside)
    ON CONFLICT ON CONSTRAINT track_rule_patterns_key DO UPDATE
        SET layer = excluded.layer, outside = excluded.outside
    RETURNING r.id INTO rule_id;
    FOR relation IN
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE yesterday._matches_rule(c.oid, schema_pattern, table_pattern)
        ORDER BY c.oid
    LOOP
        PERFORM yesterday._track_tree(relation, layer, outside, NULL, NULL, rule_id);
    END LOOP;
    SELECT count(*) INTO tracked FROM yesterday.tracked_table t WHERE t.rule = rule_id;
    PERFORM yesterday._log('track_like', NULL, NULL, jsonb_build_object(
        'schema_pattern', schema_pattern, 'table_pattern', table_pattern,
        'tables', tracked, 'layer', layer, 'outside', outside));
    RETURN tracked;
END
$function$;
COMMENT ON FUNCTION yesterday.track_like(text, text, text, text) IS
    'puts tables that match under capture, also those created later; returns how many there are now';
REVOKE ALL ON FUNCTION yesterday.track_like(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.track_like(text, text, text, text) TO yesterday_admin;

