-- Where this target stands and what it holds: what was rehearsed on this state holds as long as it is the same.
CREATE FUNCTION yesterday.state_digest()
RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT encode(sha256(convert_to(
        jsonb_build_array(yesterday.position(),
            (SELECT jsonb_agg(jsonb_build_array(p.layer, p.schema_name, p.table_name, p.kind, p.rows, p.digest)
                              ORDER BY p.schema_name COLLATE "C", p.table_name COLLATE "C", p.kind)
             FROM yesterday.portable_digest() p))::text, 'UTF8')), 'hex');
$function$;
COMMENT ON FUNCTION yesterday.state_digest() IS 'digest of where this target stands and of its tracked tables';
REVOKE ALL ON FUNCTION yesterday.state_digest() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.state_digest() TO yesterday_deployer;

