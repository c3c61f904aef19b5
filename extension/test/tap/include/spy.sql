-- Hostile code that leaves a trace no rollback can take away (a sequence a route and role) and
-- tries to gain something every time it runs.
CREATE SCHEMA mallory AUTHORIZATION mallory;
CREATE SCHEMA evidence;
GRANT USAGE ON SCHEMA mallory, evidence TO PUBLIC;
CREATE TABLE evidence.run (phase text, route text, as_role text, times bigint);

SELECT format('CREATE SEQUENCE evidence.%I', route || '/' || role)
FROM unnest(ARRAY['check', 'domain', 'index', 'predicate', 'generated', 'default', 'policy', 'trigger',
                  'deferred', 'rule', 'view', 'partition', 'opclass', 'operator', 'cast', 'event', 'path',
                  'exclusion', 'expression key', 'builder check']) AS route,
     unnest(ARRAY['mallory', 'builder', 'esc_viewer', 'esc_deployer', 'esc_operator', 'esc_admin', 'esc_business',
                  :'owner', 'another role']) AS role
\gexec
GRANT USAGE ON ALL SEQUENCES IN SCHEMA evidence TO PUBLIC;

\c - mallory
CREATE FUNCTION mallory.note(route text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_catalog.nextval(pg_catalog.format('evidence.%I',
        coalesce((SELECT c.relname FROM pg_catalog.pg_class c
                  WHERE c.relnamespace = 'evidence'::pg_catalog.regnamespace
                    AND c.relname = route || '/' || current_user), route || '/another role'))::pg_catalog.regclass);
END
$$;
CREATE FUNCTION mallory.act(route text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    attempt text;
BEGIN
    PERFORM mallory.note(route);
    FOREACH attempt IN ARRAY ARRAY[
        'ALTER ROLE mallory SUPERUSER', 'GRANT yesterday_admin TO mallory',
        'GRANT esc_admin, esc_operator, esc_deployer TO mallory',
        'RESET ROLE; ALTER ROLE mallory SUPERUSER',
        'RESET SESSION AUTHORIZATION; ALTER ROLE mallory SUPERUSER',
        'UPDATE yesterday.state_change SET reason = ''mallory was here''',
        'SELECT yesterday.clear_freeze(''mallory was here'')']
    LOOP
        BEGIN
            EXECUTE attempt;
        EXCEPTION WHEN OTHERS THEN
            NULL;   -- the next one
        END;
    END LOOP;
END
$$;
-- "immutable", so that it may stand in an index or a generated column
CREATE FUNCTION mallory.spy(route text, value text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.act(route);
    RETURN value;
END
$$;
CREATE FUNCTION mallory.spies(route text, value text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mallory.act(route);
    RETURN true;
END
$$;
\c - :owner

-- What ran since the last call, as whom, under the name of a phase.
CREATE PROCEDURE evidence.collect(phase text) LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    trace name;
    times bigint;
BEGIN
    FOR trace IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'evidence'::regnamespace AND c.relkind = 'S'
    LOOP
        EXECUTE format('SELECT last_value FROM evidence.%I WHERE is_called', trace) INTO times;
        IF times IS NOT NULL THEN
            INSERT INTO evidence.run VALUES (phase, split_part(trace, '/', 1), split_part(trace, '/', 2), times);
            PERFORM setval(format('evidence.%I', trace), 1, false);
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION evidence.ran(phase text, role text) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT coalesce(string_agg(DISTINCT r.route, ', ' ORDER BY r.route), '')
    FROM evidence.run r WHERE r.phase = $1 AND r.as_role = $2
$$;
CREATE FUNCTION evidence.ran_as_others(phase text, allowed text[]) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT coalesce(string_agg(DISTINCT r.route || ' as ' || r.as_role, ', '), '')
    FROM evidence.run r WHERE r.phase = $1 AND r.as_role <> ALL ($2)
$$;
CREATE FUNCTION evidence.gained() RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT concat_ws(', ',
        (SELECT 'superuser' FROM pg_roles WHERE rolname = 'mallory' AND rolsuper),
        (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
         WHERE m.member = 'mallory'::regrole),
        (SELECT 'the freeze' FROM yesterday.state_change WHERE reason LIKE 'mallory%' LIMIT 1))
$$;
