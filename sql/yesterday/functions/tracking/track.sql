-- Puts a table under capture, with its partitions and inheriting tables.
CREATE FUNCTION yesterday.track(
    tables regclass, layer text DEFAULT 'platform', outside text DEFAULT 'allow',
    natural_key name[] DEFAULT NULL, local_columns name[] DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    tracked bigint;
BEGIN
    PERFORM yesterday._check_outside(outside, layer);
    PERFORM yesterday._require_no_deployment('track()');
    tracked := yesterday._track_tree(tables, layer, outside, natural_key, local_columns, NULL);
    PERFORM yesterday._log('track', NULL, NULL,
                           jsonb_build_object('table', tables::text, 'tables', tracked, 'layer', layer, 'outside', outside));
    RETURN tracked;
END
$function$;
COMMENT ON FUNCTION yesterday.track(regclass, text, text, name[], name[]) IS
    'puts a table under capture, with its partitions and inheriting tables; returns how many';
REVOKE ALL ON FUNCTION yesterday.track(regclass, text, text, name[], name[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.track(regclass, text, text, name[], name[]) TO yesterday_admin;

