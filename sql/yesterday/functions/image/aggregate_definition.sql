-- yesterday._aggregate_definition(aggregate): the CREATE AGGREGATE command of an aggregate,
-- for which the server has no deparser. regproc qualifies what is not in pg_catalog.
CREATE FUNCTION yesterday._aggregate_definition(aggregate oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT format('CREATE AGGREGATE %I.%I(%s) (%s)', n.nspname, p.proname,
                  CASE WHEN pg_get_function_arguments(p.oid) = '' AND a.aggkind = 'n' THEN '*'
                       ELSE pg_get_function_arguments(p.oid) END,
                  concat_ws(', ',
        'SFUNC = ' || NULLIF(a.aggtransfn::text, '-'),
        'STYPE = ' || format_type(a.aggtranstype, NULL),
        'SSPACE = ' || NULLIF(a.aggtransspace, 0),
        'FINALFUNC = ' || NULLIF(a.aggfinalfn::text, '-'),
        CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
        'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify
            WHEN CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN NULL
            WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END,
        'COMBINEFUNC = ' || NULLIF(a.aggcombinefn::text, '-'),
        'SERIALFUNC = ' || NULLIF(a.aggserialfn::text, '-'),
        'DESERIALFUNC = ' || NULLIF(a.aggdeserialfn::text, '-'),
        'INITCOND = ' || quote_literal(a.agginitval),
        'MSFUNC = ' || NULLIF(a.aggmtransfn::text, '-'),
        'MINVFUNC = ' || NULLIF(a.aggminvtransfn::text, '-'),
        'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
        'MSSPACE = ' || NULLIF(a.aggmtransspace, 0),
        'MFINALFUNC = ' || NULLIF(a.aggmfinalfn::text, '-'),
        CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
        'MFINALFUNC_MODIFY = ' || CASE WHEN a.aggmfinalfn <> 0 THEN CASE a.aggmfinalmodify
            WHEN CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN NULL
            WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
        'MINITCOND = ' || quote_literal(a.aggminitval),
        'SORTOP = ' || (SELECT format('OPERATOR(%I.%s)', opn.nspname, o.oprname)
                        FROM pg_operator o JOIN pg_namespace opn ON opn.oid = o.oprnamespace
                        WHERE o.oid = a.aggsortop),
        CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
        'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END))
    FROM pg_aggregate a
    JOIN pg_proc p ON p.oid = a.aggfnoid
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE a.aggfnoid = $1
$function$;
COMMENT ON FUNCTION yesterday._aggregate_definition(oid) IS 'internal: CREATE AGGREGATE command of an aggregate';
REVOKE ALL ON FUNCTION yesterday._aggregate_definition(oid) FROM PUBLIC;

