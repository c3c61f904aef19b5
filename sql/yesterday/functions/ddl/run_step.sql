-- yesterday._run_step(owner, command, reads, refers, within): runs a command as its owner, who gets what it
-- takes while it runs, and never otherwise: nobody else sees a grant that is taken back in the same transaction.
--   reads    copies in yesterday_shadow to read
--   refers   {table, columns, child, name, validate} of a foreign key: its owner need not have the right to reference
--            any more. With the right in hand only the definition comes back; rows are looked at without it,
--            because that can run code of the owner's
--   within   schema in which it makes something: its owner need not have CREATE there, as in the schema public, or not
--            any more
CREATE FUNCTION yesterday._run_step(owner name, command text, reads name[], refers jsonb, within name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    shadow name;
    parent oid := to_regclass(refers ->> 'table');
    parent_owner name;
    columns text;
    apart boolean;
BEGIN
    IF has_schema_privilege(owner, 'yesterday_shadow', 'USAGE') THEN
        reads := '{}';                  -- the extension's owner, or another superuser
    END IF;
    FOREACH shadow IN ARRAY reads LOOP
        PERFORM yesterday._grant_shadow(shadow, owner, true);
    END LOOP;
    IF parent IS NOT NULL THEN
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), min(pg_get_userbyid(c.relowner))
        INTO columns, parent_owner
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND refers -> 'columns' ? a.attname
        WHERE c.oid = parent AND NOT has_column_privilege(owner, c.oid, a.attnum, 'REFERENCES');
    END IF;
    IF columns IS NULL THEN
        PERFORM yesterday._execute_for_all(owner, command, within);
    ELSE
        PERFORM yesterday._execute_as(parent_owner, format('GRANT REFERENCES (%s) ON TABLE %s TO %I', columns, refers ->> 'table', owner));
        -- partitioned tables have no NOT VALID before 18
        apart := (refers ->> 'validate')::boolean AND command NOT LIKE '% NOT VALID'
                 AND (SELECT c.relkind = 'r' FROM pg_class c WHERE c.oid = to_regclass(refers ->> 'child'));
        PERFORM yesterday._execute_within(owner, command || CASE WHEN apart THEN ' NOT VALID' ELSE '' END, within);
        PERFORM yesterday._execute_as(parent_owner, format('REVOKE REFERENCES (%s) ON TABLE %s FROM %I', columns, refers ->> 'table', owner));
        IF apart THEN
            PERFORM yesterday._execute_as(owner, format('ALTER TABLE %s VALIDATE CONSTRAINT %I', refers ->> 'child', refers ->> 'name'));
        END IF;
    END IF;
    FOREACH shadow IN ARRAY reads LOOP
        PERFORM yesterday._grant_shadow(shadow, owner, false);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._run_step(name, text, name[], jsonb, name) IS 'internal: runs a command of the inverse DDL with the rights that it takes';
REVOKE ALL ON FUNCTION yesterday._run_step(name, text, name[], jsonb, name) FROM PUBLIC;

-- yesterday._execute_within(owner, command, within, alone): runs a command as its owner, who gets CREATE and USAGE on the schema for it where
-- the command fails for want of them. Code of the owner's that the command reaches may run no command meanwhile: it
-- could make something there that nobody has allowed. And where it can reach any, there is no USAGE: it could read there.
CREATE FUNCTION yesterday._execute_within(owner name, command text, within name, alone boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    lacking text;
BEGIN
    IF within IS NULL OR to_regnamespace(quote_ident(within)) IS NULL
       OR has_schema_privilege(owner, within, 'CREATE') AND has_schema_privilege(owner, within, 'USAGE') THEN
        PERFORM yesterday._execute_as(owner, command, alone);
        RETURN;
    END IF;
    BEGIN
        PERFORM yesterday._execute_as(owner, command, alone);
    EXCEPTION WHEN insufficient_privilege THEN
        lacking := (SELECT string_agg(p, ', ') FROM unnest('{CREATE,USAGE}'::text[]) p
                    WHERE NOT has_schema_privilege(owner, within, p)
                      AND NOT (p = 'USAGE' AND yesterday._can_reach_code(command)));
        IF lacking IS NULL THEN
            RAISE;
        END IF;
        PERFORM yesterday._execute_as(current_user, format('GRANT %s ON SCHEMA %I TO %I', lacking, within, owner));
        PERFORM yesterday._execute_as(owner, command, true);
        PERFORM yesterday._execute_as(current_user, format('REVOKE %s ON SCHEMA %I FROM %I', lacking, within, owner));
    END;
END
$function$;
COMMENT ON FUNCTION yesterday._execute_within(name, text, name, boolean) IS 'internal: runs a command as an owner without rights on a schema';
REVOKE ALL ON FUNCTION yesterday._execute_within(name, text, name, boolean) FROM PUBLIC;

-- yesterday._can_reach_code(command): whether one of our commands can call a function that somebody without all rights wrote. Those named here
-- change definitions only; a name that they do not expect makes them one that can.
CREATE FUNCTION yesterday._can_reach_code(command text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT command !~ ('^((DROP|COMMENT|GRANT|REVOKE|CREATE (TABLE|UNLOGGED TABLE|SEQUENCE|TYPE|VIEW|TRIGGER|RULE|POLICY|STATISTICS|FUNCTION|PROCEDURE)) '
                       '|ALTER [A-Z]+ (ONLY )?[[:alnum:]_.]+ (DROP|RENAME|OWNER|ENABLE|DISABLE|FORCE|NO|REPLICA|CLUSTER|RESET|INHERIT|DETACH) '
                       '|ALTER TABLE [[:alnum:]_.]+ ALTER COLUMN [[:alnum:]_]+ (DROP|RESET|SET (DEFAULT|STATISTICS|STORAGE|COMPRESSION)) '
                       '|ALTER TABLE [[:alnum:]_.]+ ADD CONSTRAINT .* NOT VALID$)')
       AND EXISTS (SELECT FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
                   WHERE NOT r.rolsuper AND p.oid >= 16384)
$function$;
COMMENT ON FUNCTION yesterday._can_reach_code(text) IS 'internal: whether a command can call a function of somebody';
REVOKE ALL ON FUNCTION yesterday._can_reach_code(text) FROM PUBLIC;

-- yesterday._execute_for_all(owner, command, within): runs a command that only who owns several tables may run: a table and its partition or
-- heir, as it comes to it or leaves it, or a table with all below it. Those of another owner belong to who runs it for that one
-- command, and code that it reaches may run none meanwhile. It is the parent's owner, who sees their rows anyway.
CREATE FUNCTION yesterday._execute_for_all(owner name, command text, within name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    runner name;
    foreign_tables oid[];
    relation oid;
    owners name[];
BEGIN
    SELECT t.runner, t.others INTO runner, foreign_tables FROM yesterday._tables_of(owner, command) t;
    IF NOT FOUND OR foreign_tables = '{}' AND runner = owner THEN
        PERFORM yesterday._execute_within(owner, command, within);
        RETURN;
    ELSIF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = runner) THEN
        -- code of anybody would run with all rights
        PERFORM yesterday._execute_as(CASE WHEN yesterday._can_reach_code(command) THEN owner ELSE current_user END, command);
        RETURN;
    ELSIF EXISTS (SELECT FROM unnest(foreign_tables) t WHERE yesterday._has_grants_of(t, runner)) THEN
        -- these would be its owner's own ones from then on
        PERFORM yesterday._execute_within(owner, command, within);
        RETURN;
    END IF;
    owners := ARRAY(SELECT pg_get_userbyid(c.relowner) FROM unnest(foreign_tables) WITH ORDINALITY AS t (oid, o) JOIN pg_class c ON c.oid = t.oid ORDER BY t.o);
    FOREACH relation IN ARRAY foreign_tables LOOP
        PERFORM yesterday._execute_as(current_user, format('ALTER TABLE %s OWNER TO %I', relation::regclass, runner));
    END LOOP;
    PERFORM yesterday._execute_within(runner, command, within, foreign_tables <> '{}');
    FOR i IN 1 .. cardinality(foreign_tables) LOOP
        PERFORM yesterday._execute_as(current_user, format('ALTER TABLE %s OWNER TO %I', foreign_tables[i]::regclass, owners[i]));
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._execute_for_all(name, text, name) IS 'internal: runs a command on tables of several owners';
REVOKE ALL ON FUNCTION yesterday._execute_for_all(name, text, name) FROM PUBLIC;

-- yesterday._tables_of(owner, command): who is to run one of our commands that takes the ownership of several tables or indexes, and those of
-- the tables that are not his; no row for another command.
CREATE FUNCTION yesterday._tables_of(owner name, command text) RETURNS TABLE (runner name, others oid[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    -- as %I writes them
    identity text := '((?:"(?:[^"]|"")+"|[^" .]+)[.](?:"(?:[^"]|"")+"|[^" .]+))';
    names text[];
    parent oid;
    members oid[];
BEGIN
    IF NOT starts_with(command, 'ALTER ') THEN
        RETURN;
    END IF;
    names := regexp_match(command, '^ALTER INDEX ' || identity || ' ATTACH PARTITION ');
    IF names IS NOT NULL THEN
        parent := to_regclass(names[1]);
        RETURN QUERY SELECT pg_get_userbyid(c.relowner), '{}'::oid[] FROM pg_class c WHERE c.oid = parent AND pg_get_userbyid(c.relowner) <> owner;
        RETURN;
    END IF;
    names := regexp_match(command, '^ALTER (?:FOREIGN )?TABLE ' || identity || ' (?:AT|DE)TACH PARTITION ' || identity);
    IF names IS NULL THEN
        names := regexp_match(command, '^ALTER (?:FOREIGN )?TABLE ' || identity || ' (?:NO )?INHERIT ' || identity || '$');
        names := ARRAY[names[2], names[1]];
    END IF;
    IF names[1] IS NOT NULL THEN
        parent := to_regclass(names[1]);
        members := ARRAY[to_regclass(names[2])::oid];
        owner := coalesce((SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = parent), owner);
    ELSE
        names := regexp_match(command, '^ALTER TABLE ' || identity || ' (?:ADD|DROP|ALTER) ');
        IF names IS NULL THEN
            RETURN;
        END IF;
        WITH RECURSIVE below AS (
            SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = to_regclass(names[1])
            UNION
            SELECT i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.inhrelid
        )
        SELECT array_agg(b.inhrelid ORDER BY b.inhrelid) INTO members FROM below b;
    END IF;
    RETURN QUERY SELECT $1, ARRAY(SELECT c.oid FROM pg_class c
                                  WHERE c.oid = ANY (members) AND NOT pg_has_role($1, c.relowner, 'USAGE') ORDER BY c.oid)
        WHERE members IS NOT NULL;
END
$function$;
COMMENT ON FUNCTION yesterday._tables_of(name, text) IS 'internal: tables of others that a command takes the ownership of';
REVOKE ALL ON FUNCTION yesterday._tables_of(name, text) FROM PUBLIC;

-- yesterday._has_grants_of(table, role): a table, one of its columns, or a sequence of these, has grants to a role or by it.
CREATE FUNCTION yesterday._has_grants_of(relation oid, role name) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT EXISTS (
        SELECT FROM (SELECT c.relacl FROM pg_class c
                     WHERE c.oid = $1
                        OR c.oid IN (SELECT d.objid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                                       AND d.refobjid = $1 AND d.deptype IN ('a', 'i'))
                     UNION ALL SELECT a.attacl FROM pg_attribute a WHERE a.attrelid = $1) l (acl)
        CROSS JOIN LATERAL aclexplode(l.acl) x
        JOIN pg_roles r ON r.oid IN (x.grantee, x.grantor) AND r.rolname = $2)
$function$;
COMMENT ON FUNCTION yesterday._has_grants_of(oid, name) IS 'internal: whether a table has grants to or by a role';
REVOKE ALL ON FUNCTION yesterday._has_grants_of(oid, name) FROM PUBLIC;
