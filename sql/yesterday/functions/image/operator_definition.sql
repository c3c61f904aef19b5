-- yesterday._operator_definition(kind, object): definition of an operator, or of what tells how operators, casts, languages
-- and access methods work; as _rare_definition() has it.
CREATE FUNCTION yesterday._operator_definition(kind text, object oid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    def jsonb;
BEGIN
    CASE kind
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

    WHEN 'cast' THEN
        SELECT jsonb_build_object('create', concat_ws(' ',
            format('CREATE CAST (%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)),
            CASE c.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
                              ELSE format('WITH FUNCTION %s', c.castfunc::regprocedure) END,
            CASE c.castcontext WHEN 'a' THEN 'AS ASSIGNMENT' WHEN 'i' THEN 'AS IMPLICIT' END))
        INTO def
        FROM pg_cast c WHERE c.oid = object;

    WHEN 'operator class' THEN
        SELECT jsonb_build_object('create', format('CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %s AS %s',
            n.nspname, c.opcname, CASE WHEN c.opcdefault THEN ' DEFAULT' ELSE '' END, format_type(c.opcintype, NULL), m.amname,
            (SELECT format('%I.%I', k.nspname, f.opfname) FROM pg_opfamily f JOIN pg_namespace k ON k.oid = f.opfnamespace
             WHERE f.oid = c.opcfamily),
            concat_ws(', ', yesterday._family_members('pg_opclass', c.oid),
                      'STORAGE ' || format_type(CASE WHEN c.opckeytype <> 0 THEN c.opckeytype
                          -- without members there has to be something, and this says what is so
                          WHEN yesterday._family_members('pg_opclass', c.oid) IS NULL THEN c.opcintype END, NULL))))
        INTO def
        FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am m ON m.oid = c.opcmethod
        WHERE c.oid = object;

    WHEN 'operator family' THEN
        -- operators and functions of its own; those of its classes come with them
        SELECT jsonb_build_object('create', format('CREATE OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, m.amname),
            'then', CASE WHEN s.members IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(
                format('ALTER OPERATOR FAMILY %I.%I USING %I ADD %s', n.nspname, f.opfname, m.amname, s.members)) END)
        INTO def
        FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am m ON m.oid = f.opfmethod
        CROSS JOIN LATERAL (SELECT yesterday._family_members('pg_opfamily', f.oid) AS members) s
        WHERE f.oid = object;

    WHEN 'language' THEN
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'create', concat_ws(' ', format('CREATE %sLANGUAGE %I HANDLER %s', CASE WHEN l.lanpltrusted THEN 'TRUSTED ' ELSE '' END,
                                            l.lanname, l.lanplcallfoid::regproc),
                'INLINE ' || NULLIF(l.laninline, 0)::regproc, 'VALIDATOR ' || NULLIF(l.lanvalidator, 0)::regproc),
            'acl', CASE WHEN l.lanacl <> acldefault('l', l.lanowner) THEN yesterday._acl_items(l.lanacl) END))
        INTO def
        FROM pg_language l WHERE l.oid = object;

    WHEN 'transform' THEN
        SELECT jsonb_build_object('create', format('CREATE TRANSFORM FOR %s LANGUAGE %I (%s)', format_type(t.trftype, NULL), l.lanname,
            concat_ws(', ', 'FROM SQL WITH FUNCTION ' || NULLIF(t.trffromsql, 0)::regprocedure,
                      'TO SQL WITH FUNCTION ' || NULLIF(t.trftosql, 0)::regprocedure)))
        INTO def
        FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE t.oid = object;

    WHEN 'access method' THEN
        SELECT jsonb_build_object('create', format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', m.amname,
            CASE m.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, m.amhandler))
        INTO def
        FROM pg_am m WHERE m.oid = object;
    ELSE
        NULL;
    END CASE;
    RETURN def;
END
$function$;
COMMENT ON FUNCTION yesterday._operator_definition(text, oid) IS 'internal: definition of operators, casts, languages and the like';
REVOKE ALL ON FUNCTION yesterday._operator_definition(text, oid) FROM PUBLIC;

-- yesterday._family_members(class, object): operators and functions of an operator class, or those that a family has
-- by itself, as CREATE OPERATOR CLASS and ALTER OPERATOR FAMILY ADD take them; null for none.
CREATE FUNCTION yesterday._family_members(class regclass, object oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT string_agg(m.member, ', ' ORDER BY m.place, m.number, m.member)
    FROM (
        SELECT 1 AS place, a.amopstrategy AS number,
               format('OPERATOR %s %s.%s (%s, %s)%s', a.amopstrategy, quote_ident(n.nspname), o.oprname,
                      format_type(a.amoplefttype, NULL), format_type(a.amoprighttype, NULL),
                      (SELECT format(' FOR ORDER BY %I.%I', k.nspname, f.opfname)
                       FROM pg_opfamily f JOIN pg_namespace k ON k.oid = f.opfnamespace WHERE f.oid = a.amopsortfamily)) AS member
        FROM pg_depend d
        JOIN pg_amop a ON a.oid = d.objid
        JOIN pg_operator o ON o.oid = a.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace
        WHERE d.classid = 'pg_amop'::regclass AND d.refclassid = $1 AND d.refobjid = $2 AND d.deptype IN ('i', 'a')
        UNION ALL
        SELECT 2, p.amprocnum,
               format('FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL),
                      format_type(p.amprocrighttype, NULL), p.amproc::regprocedure)
        FROM pg_depend d
        JOIN pg_amproc p ON p.oid = d.objid
        WHERE d.classid = 'pg_amproc'::regclass AND d.refclassid = $1 AND d.refobjid = $2 AND d.deptype IN ('i', 'a')
    ) m
$function$;
COMMENT ON FUNCTION yesterday._family_members(regclass, oid) IS 'internal: operators and functions of an operator class or family';
REVOKE ALL ON FUNCTION yesterday._family_members(regclass, oid) FROM PUBLIC;
