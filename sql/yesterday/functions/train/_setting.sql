-- What this target is; never changed: dedicated and on no train.
CREATE FUNCTION yesterday._setting(OUT dedicated boolean, OUT registry uuid, OUT group_name text, OUT target text,
                                   OUT partner_layers text[], OUT aligned_change bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(s.dedicated, true), s.registry, s.group_name, s.target, coalesce(s.partner_layers, '{}'), coalesce(s.aligned_change, 0)
    FROM (VALUES (true)) one LEFT JOIN yesterday.target_setting s ON true;
$function$;
COMMENT ON FUNCTION yesterday._setting() IS 'what this target is: dedicated or not, and which train it is on';
REVOKE ALL ON FUNCTION yesterday._setting() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._setting() TO yesterday_viewer;

