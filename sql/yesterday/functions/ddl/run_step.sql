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

-- yesterday._execute_within(owner, command, within): runs a command as its owner, who gets CREATE on the schema for it where
-- the command fails for want of it. Code of the owner's that the command reaches may run no command meanwhile: it
-- could make something there that nobody has allowed.
CREATE FUNCTION yesterday._execute_within(owner name, command text, within name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF within IS NULL OR to_regnamespace(quote_ident(within)) IS NULL OR has_schema_privilege(owner, within, 'CREATE') THEN
        PERFORM yesterday._execute_as(owner, command);
        RETURN;
    END IF;
    BEGIN
        PERFORM yesterday._execute_as(owner, command);
    EXCEPTION WHEN insufficient_privilege THEN
        PERFORM yesterday._execute_as(current_user, format('GRANT CREATE ON SCHEMA %I TO %I', within, owner));
        PERFORM yesterday._execute_as(owner, command, true);
        PERFORM yesterday._execute_as(current_user, format('REVOKE CREATE ON SCHEMA %I FROM %I', within, owner));
    END;
END
$function$;
COMMENT ON FUNCTION yesterday._execute_within(name, text, name) IS 'internal: runs a command as an owner without CREATE on a schema';
REVOKE ALL ON FUNCTION yesterday._execute_within(name, text, name) FROM PUBLIC;
