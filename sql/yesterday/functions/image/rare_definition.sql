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

    WHEN 'cast' THEN
        SELECT jsonb_build_object('create', concat_ws(' ',
            format('CREATE CAST (%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)),
            CASE c.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
                              ELSE format('WITH FUNCTION %s', c.castfunc::regprocedure) END,
            CASE c.castcontext WHEN 'a' THEN 'AS ASSIGNMENT' WHEN 'i' THEN 'AS IMPLICIT' END))
        INTO def
        FROM pg_cast c WHERE c.oid = object;

    WHEN 'operator' THEN
        SELECT jsonb_build_object('create', format('CREATE OPERATOR %I.%s (%s)', n.nspname, o.oprname, concat_ws(', ',
            -- regproc writes what is not in pg_catalog with its schema
            'FUNCTION = ' || o.oprcode,
            'LEFTARG = ' || CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END,
            'RIGHTARG = ' || format_type(o.oprright, NULL),
            'COMMUTATOR = ' || (SELECT format('OPERATOR(%I.%s)', k.nspname, c.oprname) FROM pg_operator c
                                JOIN pg_namespace k ON k.oid = c.oprnamespace WHERE c.oid = o.oprcom),
            'NEGATOR = ' || (SELECT format('OPERATOR(%I.%s)', k.nspname, c.oprname) FROM pg_operator c
                             JOIN pg_namespace k ON k.oid = c.oprnamespace WHERE c.oid = o.oprnegate),
            'RESTRICT = ' || NULLIF(o.oprrest::text, '-'), 'JOIN = ' || NULLIF(o.oprjoin::text, '-'),
            CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END)))
        INTO def
        FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
        -- one without a function is only a promise that another one made
        WHERE o.oid = object AND o.oprcode <> 0;

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

    WHEN 'foreign-data wrapper' THEN
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'create', concat_ws(' ', format('CREATE FOREIGN DATA WRAPPER %I', w.fdwname),
                'HANDLER ' || NULLIF(w.fdwhandler, 0)::regproc, 'VALIDATOR ' || NULLIF(w.fdwvalidator, 0)::regproc,
                yesterday._foreign_options(w.fdwoptions)),
            'acl', CASE WHEN w.fdwacl <> acldefault('F', w.fdwowner) THEN yesterday._acl_items(w.fdwacl) END))
        INTO def
        FROM pg_foreign_data_wrapper w WHERE w.oid = object;

    WHEN 'server' THEN
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'create', concat_ws(' ', format('CREATE SERVER %I', s.srvname), 'TYPE ' || quote_literal(s.srvtype),
                'VERSION ' || quote_literal(s.srvversion), format('FOREIGN DATA WRAPPER %I', w.fdwname),
                yesterday._foreign_options(s.srvoptions)),
            'acl', CASE WHEN s.srvacl <> acldefault('S', s.srvowner) THEN yesterday._acl_items(s.srvacl) END))
        INTO def
        FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE s.oid = object;

    WHEN 'user mapping' THEN
        SELECT jsonb_build_object('create', concat_ws(' ', format('CREATE USER MAPPING FOR %s SERVER %I',
            CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(m.umuser)) END, s.srvname),
            yesterday._foreign_options(m.umoptions)))
        INTO def
        FROM pg_user_mapping m JOIN pg_foreign_server s ON s.oid = m.umserver WHERE m.oid = object;

    WHEN 'operator family' THEN
        -- no command makes it: what belongs to it is only compared
        SELECT jsonb_build_object('members', (
            SELECT jsonb_agg(i.identity ORDER BY i.identity) FROM (
                SELECT (pg_identify_object('pg_amop'::regclass, a.oid, 0)).identity FROM pg_amop a WHERE a.amopfamily = object
                UNION ALL
                SELECT (pg_identify_object('pg_amproc'::regclass, a.oid, 0)).identity FROM pg_amproc a WHERE a.amprocfamily = object) i))
        INTO def;
    ELSE
        NULL;
    END CASE;
    RETURN def;
END
$function$;
COMMENT ON FUNCTION yesterday._rare_definition(text, oid) IS 'internal: definition of an object of a rarer kind';
REVOKE ALL ON FUNCTION yesterday._rare_definition(text, oid) FROM PUBLIC;

-- yesterday._foreign_options(options): {name=value, ...} as OPTIONS takes them.
CREATE FUNCTION yesterday._foreign_options(options text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('OPTIONS (%s)', string_agg(format('%I %L', split_part(o.value, '=', 1),
                                                    substr(o.value, strpos(o.value, '=') + 1)), ', ' ORDER BY o.place))
    FROM unnest(options) WITH ORDINALITY AS o(value, place)
    HAVING count(*) > 0
$function$;
COMMENT ON FUNCTION yesterday._foreign_options(text[]) IS 'internal: options of foreign data as a command takes them';
REVOKE ALL ON FUNCTION yesterday._foreign_options(text[]) FROM PUBLIC;
