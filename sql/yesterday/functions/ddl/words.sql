-- yesterday._option_list(options): {name=value,...} as a command takes it: (name='value', ...).
CREATE FUNCTION yesterday._option_list(options jsonb, prefix text DEFAULT '') RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT string_agg(prefix || quote_ident(split_part(o.value, '=', 1)) || '='
                      || quote_literal(substr(o.value, strpos(o.value, '=') + 1)), ', ' ORDER BY o.ordinality)
    FROM jsonb_array_elements_text(options) WITH ORDINALITY AS o
$function$;
COMMENT ON FUNCTION yesterday._option_list(jsonb, text) IS 'internal: storage parameters as a command takes them';
REVOKE ALL ON FUNCTION yesterday._option_list(jsonb, text) FROM PUBLIC;

-- yesterday._option_names(options): the names alone, for RESET.
CREATE FUNCTION yesterday._option_names(options jsonb, prefix text DEFAULT '') RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT string_agg(prefix || quote_ident(split_part(o.value, '=', 1)), ', ' ORDER BY o.ordinality)
    FROM jsonb_array_elements_text(options) WITH ORDINALITY AS o
$function$;
COMMENT ON FUNCTION yesterday._option_names(jsonb, text) IS 'internal: names of storage parameters';
REVOKE ALL ON FUNCTION yesterday._option_names(jsonb, text) FROM PUBLIC;

-- yesterday._object_word(kind): the keyword of a kind of object in DROP, ALTER and COMMENT.
CREATE FUNCTION yesterday._object_word(kind text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN kind IN ('enum', 'composite type', 'range', 'base type', 'shell type') THEN 'TYPE'
                WHEN kind = 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER'
                ELSE upper(kind) END
$function$;
COMMENT ON FUNCTION yesterday._object_word(text) IS 'internal: keyword of a kind of object';
REVOKE ALL ON FUNCTION yesterday._object_word(text) FROM PUBLIC;

-- yesterday._sequence_options(definition): options of a sequence as a command takes them.
CREATE FUNCTION yesterday._sequence_options(definition jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s %s',
                  definition ->> 'increment', definition ->> 'min', definition ->> 'max',
                  definition ->> 'start', definition ->> 'cache',
                  CASE WHEN (definition ->> 'cycle')::boolean THEN 'CYCLE' ELSE 'NO CYCLE' END)
$function$;
COMMENT ON FUNCTION yesterday._sequence_options(jsonb) IS 'internal: options of a sequence';
REVOKE ALL ON FUNCTION yesterday._sequence_options(jsonb) FROM PUBLIC;

-- yesterday._column_definition(column): a column as CREATE TABLE and ADD COLUMN take it, without
-- default and NOT NULL, which have steps of their own: a default can need what does not exist
-- yet, and NOT NULL comes back after the rows.
CREATE FUNCTION yesterday._column_definition(col jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT concat_ws(' ', quote_ident(col ->> 'name'), col ->> 'type',
        yesterday._foreign_options(ARRAY(SELECT jsonb_array_elements_text(col -> 'fdw_options'))),
        'COLLATE ' || (col ->> 'collation'),
        CASE col ->> 'generated' WHEN 's' THEN format('GENERATED ALWAYS AS (%s) STORED', col ->> 'expression')
                                 WHEN 'v' THEN format('GENERATED ALWAYS AS (%s) VIRTUAL', col ->> 'expression') END,
        CASE WHEN col ? 'identity' THEN
            format('%sGENERATED %s AS IDENTITY (SEQUENCE NAME %s %s)',
                   -- from 18 on NOT NULL has a name
                   'CONSTRAINT ' || quote_ident(col #>> '{not_null,name}') || ' NOT NULL ',
                   CASE WHEN (col #>> '{identity,always}')::boolean THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                   col #>> '{identity,sequence}', yesterday._sequence_options(col -> 'identity')) END)
$function$;
COMMENT ON FUNCTION yesterday._column_definition(jsonb) IS 'internal: a column as CREATE TABLE takes it';
REVOKE ALL ON FUNCTION yesterday._column_definition(jsonb) FROM PUBLIC;

-- yesterday._own_not_null(column): from 18 on, the NOT NULL that an heir has of its own beside that of its parents. Made with
-- the column: later it would be taken for that of the parents, under their name.
CREATE FUNCTION yesterday._own_not_null(col jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('CONSTRAINT %I NOT NULL', col #>> '{not_null,name}')
    WHERE col -> 'not_null' ?& '{name,inherited}' AND NOT col -> 'not_null' ?| '{local,valid}' AND NOT col ? 'identity'
$function$;
COMMENT ON FUNCTION yesterday._own_not_null(jsonb) IS 'internal: NOT NULL of an heir beside that of its parents';
REVOKE ALL ON FUNCTION yesterday._own_not_null(jsonb) FROM PUBLIC;


-- yesterday._shown_command(kind, command): a command as reports show it: options of a user mapping hold passwords.
CREATE FUNCTION yesterday._shown_command(kind text, command text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE WHEN kind = 'user mapping' THEN regexp_replace(command, 'OPTIONS \(.*\)', 'OPTIONS (...)') ELSE command END
$function$;
COMMENT ON FUNCTION yesterday._shown_command(text, text) IS 'internal: a command without passwords';
REVOKE ALL ON FUNCTION yesterday._shown_command(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._shown_command(text, text) TO yesterday_viewer;
