-- The group of this name.
CREATE FUNCTION train._group(wanted text)
RETURNS train.target_group
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry train.target_group;
BEGIN
    SELECT g.* INTO entry FROM train.target_group g WHERE g.name = wanted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no group %', coalesce(format('"%s"', wanted), 'NULL')
            USING ERRCODE = 'YDT01',
                  DETAIL = coalesce('Known are: ' || (SELECT string_agg(g.name, ', ' ORDER BY g.name)
                                                      FROM train.target_group g) || '.', 'No group is known yet.'),
                  HINT = 'yesterday train group add NAME makes one; in SQL train.add_group(''name'').';
    END IF;
    RETURN entry;
END
$function$;
COMMENT ON FUNCTION train._group(text) IS 'the group of this name; raises when there is none';
REVOKE ALL ON FUNCTION train._group(text) FROM PUBLIC;

