-- yesterday._not_as_before(deployment, lines): what an abandonment has left otherwise than it was, and its report does not name. No proof
-- has looked at the rollback of a deployment that is still open: this does, so that nobody is told that all is as before who has to
-- mend something. As report lines; part of a definition that is named under another subject counts as named.
CREATE FUNCTION yesterday._not_as_before(deployment bigint, lines jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    named text[] := ARRAY(SELECT concat_ws(' ', l ->> 'subject', l ->> 'detail') FROM jsonb_array_elements(lines) l
                          WHERE l ->> 'outcome' IN ('held back', 'residue', 'not brought back', 'unplaceable', 'orphaned', 'displaced', 'kept in the attic'));
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('subject', w.subject, 'outcome', 'residue', 'rows', NULL, 'detail', w.detail) ORDER BY w.subject), '[]')
        FROM (SELECT format('%s %s', c.kind, c.identity) AS subject, c.identity,
                     string_agg(format('%s before the deployment: %s; now: %s', c.property, coalesce(c.before, '(absent)'), coalesce(c.now, '(absent)')),
                                '. ' ORDER BY c.property) AS detail
              FROM yesterday._compare_images($1) c GROUP BY c.kind, c.identity) w
        WHERE NOT EXISTS (SELECT FROM unnest(named) n WHERE strpos(n, w.identity) > 0));
END
$function$;
COMMENT ON FUNCTION yesterday._not_as_before(bigint, jsonb) IS 'internal: what an abandonment has left otherwise, and its report does not name';
REVOKE ALL ON FUNCTION yesterday._not_as_before(bigint, jsonb) FROM PUBLIC;
