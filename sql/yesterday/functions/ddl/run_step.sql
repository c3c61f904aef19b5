-- yesterday._run_step(owner, command, reads, refers): runs a command as its owner, who gets what it
-- takes while it runs, and never otherwise: nobody else sees a grant that is taken back in the same transaction.
--   reads    copies in yesterday_shadow to read
--   refers   {table, columns, child, name, validate} of a foreign key: its owner need not have the right to reference
--            any more. With the right in hand only the definition comes back; rows are looked at without it,
--            because that can run code of the owner's
CREATE FUNCTION yesterday._run_step(owner name, command text, reads name[], refers jsonb) RETURNS void
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
        PERFORM yesterday._execute_as(owner, command);
    ELSE
        PERFORM yesterday._execute_as(parent_owner, format('GRANT REFERENCES (%s) ON TABLE %s TO %I', columns, refers ->> 'table', owner));
        -- partitioned tables have no NOT VALID before 18
        apart := (refers ->> 'validate')::boolean AND command NOT LIKE '% NOT VALID'
                 AND (SELECT c.relkind = 'r' FROM pg_class c WHERE c.oid = to_regclass(refers ->> 'child'));
        PERFORM yesterday._execute_as(owner, command || CASE WHEN apart THEN ' NOT VALID' ELSE '' END);
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
COMMENT ON FUNCTION yesterday._run_step(name, text, name[], jsonb) IS 'internal: runs a command of the inverse DDL with the rights that it takes';
REVOKE ALL ON FUNCTION yesterday._run_step(name, text, name[], jsonb) FROM PUBLIC;
