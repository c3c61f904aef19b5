-- yesterday._drop_command(kind, identity, name, table): the command that drops an object, never
-- with CASCADE; null for a kind that none of ours drops.
CREATE FUNCTION yesterday._drop_command(kind text, identity text, object_name text, table_identity text)
RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE
        WHEN kind = 'constraint' THEN
            format('ALTER TABLE %s DROP CONSTRAINT %I', table_identity, object_name)
        WHEN kind = 'column' THEN format('ALTER TABLE %s DROP COLUMN %I', table_identity, object_name)
        WHEN kind = 'default' THEN
            format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', table_identity, object_name)
        WHEN kind = 'not null' THEN
            format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', table_identity, object_name)
        WHEN kind = 'default privileges' THEN NULL
        -- identities as the server writes them, in the word order of the command
        WHEN kind = 'user mapping' THEN regexp_replace(identity, '^(.*) on server (.*)$',
                                                       'DROP USER MAPPING FOR \1 SERVER \2')
        WHEN kind = 'publication relation' THEN regexp_replace(identity, '^(.*) in publication (.*)$',
                                                       'ALTER PUBLICATION \2 DROP TABLE ONLY \1')
        WHEN kind = 'publication namespace' THEN regexp_replace(identity, '^(.*) in publication (.*)$',
                                                       'ALTER PUBLICATION \2 DROP TABLES IN SCHEMA \1')
        WHEN kind = 'transform' THEN regexp_replace(identity, '^for (.*?)(?: on)? language (.*)$',
                                                       'DROP TRANSFORM FOR \1 LANGUAGE \2')
        ELSE format('DROP %s %s', yesterday._object_word(kind), identity) END
$function$;
COMMENT ON FUNCTION yesterday._drop_command(text, text, text, text) IS 'internal: command that drops an object';
REVOKE ALL ON FUNCTION yesterday._drop_command(text, text, text, text) FROM PUBLIC;

