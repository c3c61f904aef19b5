-- One digest of all that a deployment displaced, of these layers (null: all but the partner's) and of what belongs to
-- no layer. Null: it was not taken, or cannot be told.
CREATE FUNCTION yesterday._displaced_digest(deployment bigint, layers text[], OUT portable text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN d.exact_digest IS NULL OR d.proof = 'off' THEN NULL
           ELSE (SELECT CASE WHEN bool_or(x.digest IS NULL) THEN NULL
                        ELSE encode(sha256(convert_to(coalesce(jsonb_agg(jsonb_build_array(x.kind, x.subject, x.rows, x.digest)
                                    ORDER BY x.kind COLLATE "C", x.subject COLLATE "C"), '[]')::text, 'UTF8')), 'hex') END
                 FROM (SELECT y.kind, y.subject, y.rows, y.digest FROM yesterday.displaced y
                       WHERE y.deployment = d.id AND coalesce(y.rows, 1) > 0
                         AND (y.layer IS NULL OR CASE WHEN layers IS NULL THEN y.layer <> ALL (s.partner_layers) ELSE y.layer = ANY (layers) END)) x) END
    FROM yesterday.deployment d CROSS JOIN yesterday._setting() s
    WHERE d.id = deployment;
$function$;
COMMENT ON FUNCTION yesterday._displaced_digest(bigint, text[]) IS 'one portable digest of all that a deployment displaced';
REVOKE ALL ON FUNCTION yesterday._displaced_digest(bigint, text[]) FROM PUBLIC;

