-- The patch of a group with this ordinal.
CREATE FUNCTION train._patch(wanted_group bigint, wanted integer)
RETURNS train.patch
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry train.patch;
BEGIN
    SELECT p.* INTO entry FROM train.patch p WHERE p.group_id = wanted_group AND p.ordinal = wanted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'group "%" has no patch %', (SELECT g.name FROM train.target_group g WHERE g.id = wanted_group), wanted
            USING ERRCODE = 'YDT01',
                  DETAIL = format('The last one is %s.', (SELECT coalesce(max(p.ordinal), 0) FROM train.patch p WHERE p.group_id = wanted_group)),
                  HINT = 'yesterday train board shows them; in SQL SELECT ordinal, name FROM train.patches;';
    END IF;
    RETURN entry;
END
$function$;
COMMENT ON FUNCTION train._patch(bigint, integer) IS 'the patch with this ordinal; raises when there is none';
REVOKE ALL ON FUNCTION train._patch(bigint, integer) FROM PUBLIC;

