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
        PERFORM yesterday._execute_within(owner, command, within);
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

-- yesterday._execute_within(owner, command, within): runs a command as its owner, who gets CREATE and USAGE on the schema for it where
-- the command fails for want of them. Code of the owner's that the command reaches may run no command meanwhile: it
-- could make something there that nobody has allowed. And where it can reach any, there is no USAGE: it could read there.
CREATE FUNCTION yesterday._execute_within(owner name, command text, within name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    lacking text;
BEGIN
    IF within IS NULL OR to_regnamespace(quote_ident(within)) IS NULL
       OR has_schema_privilege(owner, within, 'CREATE') AND has_schema_privilege(owner, within, 'USAGE') THEN
        PERFORM yesterday._execute_as(owner, command);
        RETURN;
    END IF;
    BEGIN
        PERFORM yesterday._execute_as(owner, command);
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
COMMENT ON FUNCTION yesterday._execute_within(name, text, name) IS 'internal: runs a command as an owner without rights on a schema';
REVOKE ALL ON FUNCTION yesterday._execute_within(name, text, name) FROM PUBLIC;

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
