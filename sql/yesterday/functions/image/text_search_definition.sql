-- yesterday._text_search_definition(kind, object): definition of an object of text search, as _rare_definition() has it.
CREATE FUNCTION yesterday._text_search_definition(kind text, object oid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    def jsonb;
BEGIN
    CASE kind
    WHEN 'text search dictionary' THEN
        SELECT jsonb_build_object('create', format('CREATE TEXT SEARCH DICTIONARY %I.%I (%s)', n.nspname, d.dictname,
            concat_ws(', ', format('TEMPLATE = %I.%I', tn.nspname, t.tmplname), d.dictinitoption)))
        INTO def
        FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
        JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
        WHERE d.oid = object;

    WHEN 'text search configuration' THEN
        SELECT jsonb_build_object(
            'create', format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I)', n.nspname, c.cfgname, pn.nspname, p.prsname),
            'then', coalesce((
                SELECT jsonb_agg(format('ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s',
                                        n.nspname, c.cfgname, m.alias, m.dictionaries) ORDER BY m.alias)
                FROM (SELECT t.alias, string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY x.mapseqno) AS dictionaries
                      FROM pg_ts_config_map x
                      JOIN LATERAL ts_token_type(c.cfgparser) t ON t.tokid = x.maptokentype
                      JOIN pg_ts_dict d ON d.oid = x.mapdict JOIN pg_namespace dn ON dn.oid = d.dictnamespace
                      WHERE x.mapcfg = c.oid GROUP BY t.alias) m), '[]'))
        INTO def
        FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
        JOIN pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_namespace pn ON pn.oid = p.prsnamespace
        WHERE c.oid = object;

    WHEN 'text search parser' THEN
        SELECT jsonb_build_object('create', format('CREATE TEXT SEARCH PARSER %I.%I (%s)', n.nspname, p.prsname, concat_ws(', ',
            'START = ' || p.prsstart, 'GETTOKEN = ' || p.prstoken, 'END = ' || p.prsend, 'LEXTYPES = ' || p.prslextype,
            'HEADLINE = ' || NULLIF(p.prsheadline::text, '-'))))
        INTO def
        FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE p.oid = object;

    WHEN 'text search template' THEN
        SELECT jsonb_build_object('create', format('CREATE TEXT SEARCH TEMPLATE %I.%I (%s)', n.nspname, t.tmplname, concat_ws(', ',
            'INIT = ' || NULLIF(t.tmplinit::text, '-'), 'LEXIZE = ' || t.tmpllexize)))
        INTO def
        FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE t.oid = object;
    ELSE
        NULL;
    END CASE;
    RETURN def;
END
$function$;
COMMENT ON FUNCTION yesterday._text_search_definition(text, oid) IS 'internal: definition of objects of text search';
REVOKE ALL ON FUNCTION yesterday._text_search_definition(text, oid) FROM PUBLIC;
