-- A database is registered once: under two names, or in two groups, it would get patches of both.
CREATE FUNCTION train._check_unregistered(wanted_system bigint, wanted_database oid, but bigint)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry record;
BEGIN
    IF wanted_system IS NULL OR wanted_database IS NULL THEN
        RAISE EXCEPTION 'a target needs the identity of its database'
            USING ERRCODE = 'YD022',
                  DETAIL = 'System identifier and OID tell it from every other one.',
                  HINT = 'SELECT yesterday.train_facts(); in the target has both.';
    END IF;
    SELECT t.name, g.name AS group_name INTO entry
    FROM train.target t JOIN train.target_group g ON g.id = t.group_id
    WHERE t.system_identifier = wanted_system AND t.database_oid = wanted_database
      AND t.removed_at IS NULL AND t.id IS DISTINCT FROM but;
    IF FOUND THEN
        RAISE EXCEPTION 'this database is registered already, as target "%" of group "%"', entry.name, entry.group_name
            USING ERRCODE = 'YDT02',
                  DETAIL = format('System identifier %s, database OID %s.', wanted_system, wanted_database),
                  HINT = format('Use that target; or take it out first: yesterday target remove %s --reason "..."; in SQL train.remove_target(%L, ''why'').',
                                train._word(entry.name), entry.name);
    END IF;
END
$function$;
COMMENT ON FUNCTION train._check_unregistered(bigint, oid, bigint) IS 'raises when this database is a target already';
REVOKE ALL ON FUNCTION train._check_unregistered(bigint, oid, bigint) FROM PUBLIC;

