-- yesterday._drop_temporary(deployment, kind, identity): drops temporary objects of sessions that read, or are made of, what a
-- step takes away: a view on a column, a table with columns of a type. They hold nothing that outlives their session,
-- and must not keep it from going; the report names each. Nobody can read, or make anew, those of another session.
CREATE FUNCTION yesterday._drop_temporary(deployment bigint, kind text, identity text)
RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    found record;
BEGIN
    FOR found IN
        WITH target AS (
            SELECT p.classid, p.objid, p.objsubid FROM yesterday.plan_node p
            WHERE p.deployment = $1 AND p.kind = $2 AND $3 IN (p.now_identity, p.goal_identity) AND p.objid IS NOT NULL
        ), reached AS (
            SELECT t.classid, t.objid, t.objsubid FROM target t
            UNION
            SELECT 'pg_type'::regclass, y.oid, 0
            FROM target t
            JOIN pg_type y ON t.objsubid = 0
                 AND (t.classid = 'pg_class'::regclass AND y.typrelid = t.objid
                      OR t.classid = 'pg_type'::regclass AND y.oid IN (t.objid, (SELECT r.rngmultitypid FROM pg_range r WHERE r.rngtypid = t.objid)))
        ), whole AS (
            SELECT r.* FROM reached r
            UNION
            SELECT r.classid, y.typarray, 0 FROM reached r
            JOIN pg_type y ON r.classid = 'pg_type'::regclass AND y.oid = r.objid AND y.typarray <> 0
        ), dependant AS (
            SELECT CASE WHEN d.classid IN ('pg_type'::regclass, 'pg_proc'::regclass) THEN d.classid ELSE 'pg_class'::regclass END AS classid,
                   coalesce((SELECT w.ev_class FROM pg_rewrite w WHERE d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid),
                            (SELECT a.adrelid FROM pg_attrdef a WHERE d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid),
                            (SELECT k.conrelid FROM pg_constraint k WHERE d.classid = 'pg_constraint'::regclass AND k.oid = d.objid),
                            (SELECT g.tgrelid FROM pg_trigger g WHERE d.classid = 'pg_trigger'::regclass AND g.oid = d.objid),
                            d.objid) AS objid
            FROM whole r
            JOIN pg_depend d ON d.refclassid = r.classid AND d.refobjid = r.objid AND (r.objsubid = 0 OR d.refobjsubid = r.objsubid)
            WHERE d.deptype IN ('n', 'a')
        ), named AS (
            SELECT DISTINCT n.nspname, c.relname AS name, pg_get_userbyid(c.relowner) AS owner,
                   CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'i' THEN 'INDEX' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS word,
                   format('%I.%I', n.nspname, c.relname) AS called
            FROM dependant d JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid JOIN pg_namespace n ON n.oid = c.relnamespace
            UNION
            SELECT n.nspname, y.typname, pg_get_userbyid(y.typowner), CASE y.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
                   format('%I.%I', n.nspname, y.typname)
            FROM dependant d JOIN pg_type y ON d.classid = 'pg_type'::regclass AND y.oid = d.objid AND y.typrelid = 0 AND y.typelem = 0
            JOIN pg_namespace n ON n.oid = y.typnamespace
            UNION
            SELECT n.nspname, p.proname, pg_get_userbyid(p.proowner), 'ROUTINE',
                   format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
            FROM dependant d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid JOIN pg_namespace n ON n.oid = p.pronamespace
        )
        SELECT * FROM named WHERE named.nspname ~ '^pg_temp_' ORDER BY named.called
    LOOP
        -- with another one of them it may have gone
        CONTINUE WHEN found.word NOT IN ('ROUTINE', 'TYPE', 'DOMAIN') AND to_regclass(found.called) IS NULL;
        PERFORM yesterday._execute_as(current_user, format('DROP %s IF EXISTS %s CASCADE', found.word, found.called));
        subject := format('temporary %s %s', lower(found.word), found.called);
        outcome := 'dropped';
        detail := format('a session of %s had made it of %s %s, which goes', found.owner, $2, $3);
        RETURN NEXT;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday._drop_temporary(bigint, text, text) IS 'internal: drops temporary objects that stand in the way of a step';
REVOKE ALL ON FUNCTION yesterday._drop_temporary(bigint, text, text) FROM PUBLIC;
