-- yesterday._check_invertible(deployment): refuses a deployment whose DDL has no inverse, naming every object.
-- Runs after _build_inverse(), whose findings it reads.
CREATE FUNCTION yesterday._check_invertible(deployment bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    refused text;
    first_one text;
    others text;
BEGIN
    SELECT string_agg(format('%s %s: %s', r.kind, r.identity, r.reason), E'\n' ORDER BY r.kind, r.identity),
           min(format('%s %s', r.kind, r.identity))
    INTO refused, first_one
    FROM yesterday.ddl_refusal r WHERE r.deployment = $1;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'the change to % cannot be undone', first_one
            USING ERRCODE = 'YD016', DETAIL = refused,
                  HINT = (SELECT CASE d.scope WHEN 'transaction' THEN
                          'Leave the change out of the deployment, or begin it with accept_irreversible => true.'
                      ELSE format('SELECT * FROM yesterday.abandon_deployment(%s); undoes all the rest and names what stays. To keep all of it, as yesterday_admin: SET yesterday.proof = ''off''; SELECT * FROM yesterday.finish_deployment(%s);', d.id, d.id) END
                      FROM yesterday.deployment d WHERE d.id = $1);
    END IF;

    -- two images need not be compared once more where nobody else ran DDL
    IF NOT EXISTS (SELECT FROM yesterday.ddl_entry e WHERE e.deployment = $1 AND NOT e.member) THEN
        RETURN;
    END IF;
    SELECT string_agg(format('%s %s', o.kind, o.identity), ', ')
    INTO others
    FROM yesterday._image_differences($1) x
    JOIN yesterday.schema_object o ON o.deployment = $1 AND o.classid = x.classid
                                  AND o.objid = coalesce(x.aobjid, x.bobjid)
                                  AND o.phase = CASE WHEN x.aobjid IS NULL THEN 'before' ELSE 'after' END
    WHERE x.owned AND EXISTS (SELECT FROM yesterday.ddl_entry e
                              WHERE e.deployment = $1 AND NOT e.member AND e.classid = x.classid
                                AND e.objid IN (x.aobjid, x.bobjid));
    IF others IS NOT NULL THEN
        RAISE EXCEPTION 'somebody else changed objects of this deployment while it was open'
            USING ERRCODE = 'YD016', DETAIL = format('Changed by the deployment and by a session outside it: %s.', others),
                  HINT = 'Abandon the deployment with SELECT * FROM yesterday.abandon_deployment(...), and deploy again while nobody else runs DDL.';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._check_invertible(bigint) IS 'internal: refuses DDL that has no inverse, naming the objects';
REVOKE ALL ON FUNCTION yesterday._check_invertible(bigint) FROM PUBLIC;

