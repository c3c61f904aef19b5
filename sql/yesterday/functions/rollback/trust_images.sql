-- The shadow tables of a deployment are not as they were when it was finished, and an admin says
-- that what they hold now is to be brought back: somebody repaired them, or nobody has anything
-- better. On record for ever.
CREATE FUNCTION yesterday.trust_images(deployment text, reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
DECLARE
    chosen bigint := yesterday._resolve_deployment(deployment);
    found record;
    captured record;
    gone text;
BEGIN
    PERFORM yesterday._require_reason(reason, 'trust_images');
    PERFORM yesterday._lock_target('trust_images()');
    SELECT d.* INTO found FROM yesterday.deployment d WHERE d.id = chosen;
    IF found.status <> 'finished' OR found.forgotten_at IS NOT NULL THEN
        RAISE EXCEPTION 'deployment % "%" is %', found.id, found.name,
                CASE WHEN found.forgotten_at IS NOT NULL THEN 'forgotten' ELSE replace(found.status, '_', ' ') END
            USING ERRCODE = 'YD022',
                  DETAIL = 'Only what a rollback can still bring back is looked at: the images of finished deployments.',
                  HINT = 'SELECT id, name, status FROM yesterday.history WHERE rollbackable;';
    END IF;
    SELECT string_agg(format('yesterday_shadow.%I', s.shadow_name), ', ' ORDER BY s.shadow_name) INTO gone
    FROM yesterday._shadows_of(chosen) s WHERE yesterday._shadow_seal(s.shadow_name) IS NULL;
    IF gone IS NOT NULL THEN
        RAISE EXCEPTION 'shadow tables of deployment % "%" are gone', found.id, found.name
            USING ERRCODE = 'YD005',
                  DETAIL = format('%s.', gone),
                  HINT = 'Bring them back from a backup. Without them the deployment cannot be rolled back.';
    END IF;
    FOR captured IN SELECT c.id, c.shadow_name FROM yesterday.captured_table c WHERE c.deployment = chosen
    LOOP
        EXECUTE format('UPDATE yesterday.captured_table c SET (rows_prior, rows_inserted) ='
                       ' (SELECT count(*) FILTER (WHERE s.op NOT IN (''I'', ''F'')), count(*) FILTER (WHERE s.op = ''I'')'
                       '  FROM yesterday_shadow.%I s) WHERE c.id = $1', captured.shadow_name) USING captured.id;
    END LOOP;
    FOR captured IN SELECT s.id, s.shadow_name FROM yesterday.saved_table s WHERE s.deployment = chosen
    LOOP
        EXECUTE format('UPDATE yesterday.saved_table c SET rows = (SELECT count(*) FROM yesterday_shadow.%I) WHERE c.id = $1',
                       captured.shadow_name) USING captured.id;
    END LOOP;
    PERFORM yesterday._seal_shadows(chosen);
    PERFORM yesterday._log('trust', chosen, reason, NULL);
END
$function$;
COMMENT ON FUNCTION yesterday.trust_images(text, text) IS
    'says that the prior images of a deployment, which are not as they were, are to be brought back as they are';
REVOKE ALL ON FUNCTION yesterday.trust_images(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.trust_images(text, text) TO yesterday_admin;

