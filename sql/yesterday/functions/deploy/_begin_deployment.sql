-- Opens a deployment; with a permit one of kind realignment, which is the only one that may begin off the train.
CREATE FUNCTION yesterday._begin_deployment(
    what text, name text, manifest jsonb, artifacts jsonb, scope text, note text,
    accept_irreversible boolean, join_role name, permit bigint, plan_digest text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    new_id bigint;
    open_one record;
    allowed yesterday.permit;
BEGIN
    PERFORM yesterday._check_begin();
    IF coalesce(btrim(name), '') = '' THEN
        RAISE EXCEPTION 'a deployment needs a name'
            USING ERRCODE = 'YD022',
                  DETAIL = 'At 3 AM the name is what tells one deployment from another.',
                  HINT = 'SELECT yesterday.begin_deployment(''Release 17.2'');';
    END IF;
    IF scope IS NULL OR scope NOT IN ('transaction', 'open') THEN
        RAISE EXCEPTION 'scope => % is not known', coalesce(quote_literal(scope), 'NULL')
            USING ERRCODE = 'YD022',
                  DETAIL = 'A deployment lives in one transaction or is open to several.',
                  HINT = 'Use ''transaction'' or ''open''.';
    END IF;
    IF join_role IS NOT NULL AND scope <> 'open' THEN
        RAISE EXCEPTION 'join_role needs scope => ''open'''
            USING ERRCODE = 'YD022',
                  DETAIL = 'A deployment in transaction scope belongs to one session.',
                  HINT = 'Add scope => ''open'', or leave out join_role.';
    END IF;
    IF join_role IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = join_role) THEN
        RAISE EXCEPTION 'join_role "%" does not exist', join_role
            USING ERRCODE = 'YD022',
                  DETAIL = 'Every new session of that role would belong to the deployment.',
                  HINT = 'Give the role that the deployment tool connects as.';
    END IF;
    IF NOT coalesce(current_setting('track_counts')::boolean, false) THEN
        RAISE EXCEPTION 'track_counts is off'
            USING ERRCODE = 'YD014',
                  DETAIL = 'Without the server''s own row counts it cannot be checked that every write was captured.',
                  HINT = 'SET track_counts = on (a superuser), or set it in postgresql.conf.';
    END IF;

    PERFORM yesterday._lock_target(what);
    IF permit IS NULL THEN
        PERFORM yesterday._require_on_train(what);
    ELSE
        allowed := yesterday._check_permit(permit, plan_digest);
    END IF;
    SELECT d.id, d.name, d.deployed_by, d.began_at INTO open_one
    FROM yesterday.deployment d WHERE d.status = 'open';
    IF FOUND THEN
        RAISE EXCEPTION 'deployment % "%" is still open', open_one.id, open_one.name
            USING ERRCODE = 'YD002',
                  DETAIL = format('Begun by %s at %s.', open_one.deployed_by, open_one.began_at),
                  HINT = format('SELECT * FROM yesterday.finish_deployment(%s); or SELECT * FROM yesterday.abandon_deployment(%s);',
                                open_one.id, open_one.id);
    END IF;
    PERFORM yesterday._require_code_confirmed(what);
    PERFORM yesterday._check_manifest_names(manifest);
    artifacts := nullif(yesterday._normal_artifacts(artifacts), '{}');
    PERFORM yesterday._check_triggers();

    INSERT INTO yesterday.deployment AS d
        (name, kind, covers, scope, manifest, artifacts, prior_artifacts, note, accept_irreversible, join_role, proof_level,
         system_identifier, database, begin_xid, deployed_role, client_addr, application_name)
    VALUES
        (btrim(name), CASE WHEN permit IS NULL THEN 'deployment' ELSE 'realignment' END, allowed.covers, scope, manifest, artifacts, yesterday._confirmed_artifacts(), note,
         coalesce(accept_irreversible, false), join_role, yesterday._proof_level(yesterday._caller()),
         yesterday._system_identifier(),
         (SELECT b.oid FROM pg_database b WHERE b.datname = current_database()),
         -- in transaction scope the deployment's own id, else a lower bound of its members'
         CASE scope WHEN 'transaction' THEN pg_current_xact_id() ELSE yesterday._next_xid() END,
         yesterday._caller(), inet_client_addr(), current_setting('application_name'))
    RETURNING d.id INTO new_id;
    UPDATE yesterday.permit p
    SET used_at = clock_timestamp(), deployment = new_id, state_change = (SELECT max(c.id) FROM yesterday.state_change c)
    WHERE p.id = permit;
    PERFORM yesterday._log('begin', new_id, note, jsonb_build_object('name', btrim(name), 'scope', scope)
        || CASE WHEN permit IS NULL THEN '{}' ELSE jsonb_build_object('kind', 'realignment', 'permit', permit, 'covers', allowed.covers) END);
    PERFORM yesterday._take_baseline(new_id);
    PERFORM yesterday._invalidate();
    IF scope = 'transaction' THEN
        PERFORM yesterday._enter_deployment(new_id);
    ELSE
        PERFORM yesterday._open_shadows(new_id);
        PERFORM yesterday._note_writers(new_id);
        PERFORM yesterday._take_image(new_id, 'before');
    END IF;
    RETURN new_id;
END
$function$;
COMMENT ON FUNCTION yesterday._begin_deployment(text, text, jsonb, jsonb, text, text, boolean, name, bigint, text) IS
    'opens a deployment, of kind realignment with a permit';
REVOKE ALL ON FUNCTION yesterday._begin_deployment(text, text, jsonb, jsonb, text, text, boolean, name, bigint, text) FROM PUBLIC;

