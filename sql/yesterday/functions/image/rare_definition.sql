-- yesterday._rare_definition(kind, object): definition of an object of a rarer kind, as the command that makes it
-- ("create", and what has to follow in "then"). Null for kinds that have none here: of these only the catalog row is
-- known; they can be dropped when a deployment made them, and anything else done to them is refused.
CREATE FUNCTION yesterday._rare_definition(kind text, object oid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    def jsonb;
BEGIN
    CASE kind
    WHEN 'publication' THEN
        SELECT jsonb_build_object(
            'create', format('CREATE PUBLICATION %I%s WITH (%s)', p.pubname,
                             CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE '' END, v.options))
        INTO def
        FROM pg_publication p
        CROSS JOIN LATERAL (SELECT concat_ws(', ',
            format('publish = %L', concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                             CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)),
            format('publish_via_partition_root = %s', p.pubviaroot::text),
            -- from 18 on
            CASE WHEN to_jsonb(p) ->> 'pubgencols' = 's' THEN 'publish_generated_columns = stored' END) AS options) v
        WHERE p.oid = object;

    WHEN 'publication relation' THEN
        SELECT jsonb_build_object('create', concat_ws(' ',
            format('ALTER PUBLICATION %I ADD TABLE ONLY %I.%I', p.pubname, n.nspname, c.relname),
            (SELECT format('(%s)', string_agg(quote_ident(a.attname), ', ' ORDER BY k.o))
             FROM unnest(r.prattrs::smallint[]) WITH ORDINALITY AS k(num, o)
             JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = k.num HAVING count(*) > 0),
            'WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')'))
        INTO def
        FROM pg_publication_rel r
        JOIN pg_publication p ON p.oid = r.prpubid
        JOIN pg_class c ON c.oid = r.prrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE r.oid = object;

    WHEN 'publication namespace' THEN
        SELECT jsonb_build_object('create', format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %I', p.pubname, n.nspname))
        INTO def
        FROM pg_publication_namespace r
        JOIN pg_publication p ON p.oid = r.pnpubid
        JOIN pg_namespace n ON n.oid = r.pnnspid
        WHERE r.oid = object;

    WHEN 'event trigger' THEN
        SELECT jsonb_build_object('create', concat_ws(' ',
                   format('CREATE EVENT TRIGGER %I ON %s', e.evtname, e.evtevent),
                   (SELECT format('WHEN TAG IN (%s)', string_agg(quote_literal(t), ', ')) FROM unnest(e.evttags) t HAVING count(*) > 0),
                   format('EXECUTE FUNCTION %s', e.evtfoid::regprocedure)),
               'then', CASE WHEN e.evtenabled <> 'O' THEN jsonb_build_array(format('ALTER EVENT TRIGGER %I %s', e.evtname,
                   CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END))
                       ELSE '[]' END)
        INTO def
        FROM pg_event_trigger e WHERE e.oid = object;

    WHEN 'collation' THEN
        SELECT jsonb_build_object('create', format('CREATE COLLATION %I.%I (%s)', n.nspname, c.collname, concat_ws(', ',
            'PROVIDER = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
            -- ICU's locale is called otherwise from 17 on
            format('LOCALE = %L', v.locale) , v.pair,
            CASE WHEN NOT c.collisdeterministic THEN 'DETERMINISTIC = false' END,
            'RULES = ' || quote_literal(to_jsonb(c) ->> 'collicurules'))))
        INTO def
        FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
        CROSS JOIN LATERAL (SELECT coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale') AS locale) l
        CROSS JOIN LATERAL (SELECT l.locale, CASE WHEN l.locale IS NULL THEN
            format('LC_COLLATE = %L, LC_CTYPE = %L', c.collcollate, c.collctype) END AS pair) v
        WHERE c.oid = object;
        def := jsonb_set(def, '{create}', to_jsonb(replace(def ->> 'create', 'LOCALE = NULL, ', '')));

    WHEN 'conversion' THEN
        SELECT jsonb_build_object('create', format('CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s',
            CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END, n.nspname, c.conname,
            pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc))
        INTO def
        FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.oid = object;

    WHEN 'operator', 'cast', 'operator class', 'operator family', 'language', 'transform', 'access method' THEN
        def := yesterday._operator_definition(kind, object);
    WHEN 'text search parser', 'text search template', 'text search dictionary', 'text search configuration' THEN
        def := yesterday._text_search_definition(kind, object);
    ELSE
        def := yesterday._foreign_definition(kind, object);
    END CASE;
    RETURN def;
END
$function$;
COMMENT ON FUNCTION yesterday._rare_definition(text, oid) IS 'internal: definition of an object of a rarer kind';
REVOKE ALL ON FUNCTION yesterday._rare_definition(text, oid) FROM PUBLIC;
