-- yesterday._has_changed_catalogs(deployment): may definitions be other ones than when a deployment in open scope began, though
-- the ledger has nothing of it? A command that no event trigger shows, in a session that has not loaded the library, leaves
-- nothing but younger rows in the catalogs. A cheap question: the images say what it was.
CREATE FUNCTION yesterday._has_changed_catalogs(deployment bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH began AS MATERIALIZED (
        SELECT age(o.xmin) AS age FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'before' LIMIT 1
    ), ours AS MATERIALIZED (
        SELECT n.oid FROM pg_namespace n WHERE n.nspname ~ '^pg_' OR n.nspname IN ('information_schema', 'yesterday', 'yesterday_shadow')
    )
    SELECT EXISTS (SELECT FROM began) AND (
        EXISTS (SELECT FROM began b JOIN pg_class c ON age(c.xmin) < b.age WHERE c.relnamespace NOT IN (SELECT o.oid FROM ours o))
        OR EXISTS (SELECT FROM began b JOIN pg_index i ON age(i.xmin) < b.age JOIN pg_class c ON c.oid = i.indexrelid
                   WHERE c.relnamespace NOT IN (SELECT o.oid FROM ours o))
        OR EXISTS (SELECT FROM began b JOIN pg_type t ON age(t.xmin) < b.age WHERE t.typnamespace NOT IN (SELECT o.oid FROM ours o))
        OR EXISTS (SELECT FROM began b JOIN pg_proc p ON age(p.xmin) < b.age WHERE p.pronamespace NOT IN (SELECT o.oid FROM ours o))
        OR EXISTS (SELECT FROM began b JOIN pg_namespace n ON age(n.xmin) < b.age WHERE n.oid NOT IN (SELECT o.oid FROM ours o))
        OR EXISTS (SELECT FROM began b JOIN pg_event_trigger e ON age(e.xmin) < b.age)
        OR EXISTS (SELECT FROM began b JOIN pg_database d ON age(d.xmin) < b.age WHERE d.datname = current_database())
        OR EXISTS (SELECT FROM began b JOIN pg_db_role_setting s ON age(s.xmin) < b.age)
        OR EXISTS (SELECT FROM began b JOIN pg_shdescription s ON age(s.xmin) < b.age)
        OR EXISTS (SELECT FROM began b JOIN pg_shdepend s ON age(s.xmin) < b.age
                   WHERE s.deptype = 'o' AND s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                     AND s.classid <> ALL (ARRAY['pg_class', 'pg_type', 'pg_proc', 'pg_namespace']::regclass[])))
$function$;
COMMENT ON FUNCTION yesterday._has_changed_catalogs(bigint) IS 'internal: whether definitions may have changed unseen';
REVOKE ALL ON FUNCTION yesterday._has_changed_catalogs(bigint) FROM PUBLIC;

-- yesterday._changes_unseen(deployment): what changed while a deployment in open scope without any DDL in the ledger was
-- open, and nobody's entry names.
CREATE FUNCTION yesterday._changes_unseen(deployment bigint) RETURNS TABLE (kind text, identity text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- in a restored copy neither transaction ids nor addresses mean anything
    IF NOT yesterday._same_cluster($1) OR NOT yesterday._has_changed_catalogs($1) THEN
        RETURN;
    END IF;
    PERFORM yesterday._take_image($1, 'after');
    PERFORM yesterday._follow_indexes($1, 'after');
    RETURN QUERY SELECT u.kind, u.identity FROM yesterday._unexplained_differences($1) u ORDER BY u.kind, u.identity;
    -- the image of before alone says that there is nothing to undo
    DELETE FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = 'after';
    DELETE FROM yesterday.schema_dependency d WHERE d.deployment = $1 AND d.phase = 'after';
END
$function$;
COMMENT ON FUNCTION yesterday._changes_unseen(bigint) IS 'internal: what changed unseen, in a deployment without DDL';
REVOKE ALL ON FUNCTION yesterday._changes_unseen(bigint) FROM PUBLIC;
